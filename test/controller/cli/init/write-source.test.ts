import { expect, test } from 'vitest'
import { withSource } from '../../../../controller/cli/init/write-source.ts'
import { parseConfig } from '../../../../controller/configuration/config.ts'

const source = {
  name: 'support',
  repository: './support',
  directories: ['prompts'],
  releases: ['r{version}'],
}

test('a new file explains itself, and has only settings that differ from the defaults', () => {
  const text = withSource(null, source, 'promptctl.yaml')
  expect(text).toMatch(/^# The platform's configuration/)
  expect(text).not.toContain('directories')
  expect(parseConfig(text, 'promptctl.yaml').sources).toMatchObject([
    { name: 'support', directories: ['prompts'], releases: ['r{version}'] },
  ])
})

test.for([
  '# mine\nregistry: { file: x.db } # here\nsources:\n  # first\n  - name: a\n    repository: ./a\n',
  '# mine\nregistry: { file: x.db } # here\n',
  '# mine\nregistry: { file: x.db } # here\nsources: []\n',
])('an existing file keeps its comments and settings', (before) => {
  const text = withSource(before, source, 'promptctl.yaml')
  expect(text).toContain('# mine\n')
  expect(text).toContain('# here\n')
  const { sources, registry } = parseConfig(text, 'promptctl.yaml')
  expect(sources.at(-1)?.name).toBe('support')
  expect(registry).toMatchObject({ file: 'x.db' })
})

test('a name that is taken, and a file that is not YAML, are refused', () => {
  const taken = 'sources: [{ name: support, repository: ./x }]'
  expect(() => withSource(taken, source, 'c.yaml')).toThrow('c.yaml already has a source "support"')
  expect(() => withSource('sources: [', source, 'c.yaml')).toThrow('c.yaml is not valid YAML')
})
