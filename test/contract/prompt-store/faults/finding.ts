import type { FoundVersions } from '../../../../api/store/prompt-store.ts'
import type { VersionRecord } from '../../../../api/store/records.ts'
import { finding, type PromptFault } from './spoiling.ts'

const withNames = (found: FoundVersions, keep: (key: string, version: VersionRecord) => boolean) => ({
  ...found,
  byName: new Map([...found.byName].filter(([key, version]) => keep(key, version))),
})

export const finds: readonly PromptFault[] = [
  {
    name: 'finds names as they are written and not by their keys',
    caught: 'finds a version by the key of its label and of every alias, and by nothing else',
    spoil: finding((found) =>
      withNames(found, (key, version) => [version.version, ...version.aliases].includes(key)),
    ),
  },
  {
    name: 'finds labels only',
    caught: 'finds a version by the key of its label and of every alias, and by nothing else',
    spoil: finding((found) => withNames(found, (key, version) => key === version.version || key === '2.0.0')),
  },
  {
    name: 'finds names in any case',
    caught: 'finds a version by the key of its label and of every alias, and by nothing else',
    spoil: (right) => ({
      async find(id, query) {
        const found = await right.find(id, query)
        const lower = await right.find(id, { names: query.names?.map((name) => name.toLowerCase()) ?? [] })
        const byName = new Map(found.byName)
        for (const name of query.names ?? []) {
          const version = found.byName.get(name) ?? lower.byName.get(name.toLowerCase())
          if (version !== undefined) byName.set(name, version)
        }
        return { ...found, byName }
      },
    }),
  },
  {
    name: 'looks up 25 names at most',
    caught: 'finds a version by many names asked for at once',
    spoil: (right) => ({
      find: (id, query) =>
        right.find(id, { ...query, ...(query.names && { names: query.names.slice(0, 25) }) }),
    }),
  },
  {
    name: 'finds the last version with an identity',
    caught: 'finds the first version with each identity',
    spoil: (right) => ({
      async find(id, query) {
        const found = await right.find(id, query)
        const contents = [...found.byIdentity.values()].map(({ contentSha256 }) => contentSha256)
        const { sameContent } = await right.find(id, { contents })
        return { ...found, byIdentity: new Map(sameContent.map((version) => [version.identity, version])) }
      },
    }),
  },
  {
    name: 'finds the version of the first identity only',
    caught: 'finds the first version with each identity',
    spoil: (right) => ({
      find: (id, query) =>
        right.find(id, { ...query, ...(query.identities && { identities: query.identities.slice(0, 1) }) }),
    }),
  },
  {
    name: 'finds one version with a text',
    caught: 'finds every version with a content, whatever its config, in the order of their pushes',
    spoil: finding((found) => ({ ...found, sameContent: found.sameContent.slice(0, 1) })),
  },
  {
    name: 'finds versions with a text by label',
    caught: 'finds every version with a content, whatever its config, in the order of their pushes',
    spoil: finding((found) => ({
      ...found,
      sameContent: [...found.sameContent].sort((a, b) => (a.version < b.version ? -1 : 1)),
    })),
  },
  {
    name: 'takes no text for any text',
    caught: 'gives nothing that was not asked for',
    spoil: (right) => ({
      async find(id, query) {
        const found = await right.find(id, query)
        if (query.contents !== undefined) return found
        const { items } = await right.page<'versions'>({ of: 'versions', promptId: id, limit: 100 })
        return { ...found, sameContent: items }
      },
    }),
  },
]
