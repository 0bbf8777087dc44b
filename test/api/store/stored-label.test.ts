import { expect, test } from 'vitest'
import { promptRow } from '../../../api/registry/documents.ts'
import {
  listingFromJson,
  listingJson,
  nameFromJson,
  nameJson,
  snapshotFromJson,
  snapshotJson,
  versionFromJson,
  versionJson,
} from '../../../api/store/aws/record-json.ts'
import { headOf, headValues, nameOf } from '../../../api/store/sqlite/rows.ts'
import { claim, newHead, scriptedPrompt } from '../../support/registry-records.ts'

const script = scriptedPrompt('p')
script.push('text', { version: 'a', config: { label: 'of the config' } })
const record = script.version('a')
const head = {
  ...newHead('p'),
  stable: 'a',
  latest: 'a',
  rolledBack: [{ version: 'b', payloadSha256: '1' }],
  highest: { release: '1.0.0', version: 'a', identity: record.identity },
}
const storedHead = {
  rolledBack: [{ label: 'b', payloadSha256: '1' }],
  highest: { release: '1.0.0', label: 'a', identity: record.identity },
}

test('rows of DynamoDB keep the name of a version as label', () => {
  const stored = { record, s3Key: 'p/a.txt' }
  const snapshot = { head, stable: stored, latest: stored, feedAt: 5 }
  const { version, ...others } = record
  const row = { version: { label: version, ...others }, s3Key: 'p/a.txt' }
  expect(JSON.parse(versionJson(stored))).toEqual(row)
  expect(JSON.parse(snapshotJson(snapshot))).toMatchObject({ head: storedHead, stable: row, latest: null })
  expect(versionFromJson(JSON.stringify(row))).toEqual(stored)
  expect(snapshotFromJson(snapshotJson(snapshot))).toEqual(snapshot)

  const listing = { head, stable: record, latest: record }
  expect(JSON.parse(listingJson(listing))).toMatchObject({ head: storedHead, latest: { label: 'a' } })
  expect(listingFromJson(listingJson(listing))).toEqual(listing)

  const name = claim('1.0.0', record, '1.0.0')
  expect(JSON.parse(nameJson(name))).toMatchObject({ name: '1.0.0', label: 'a' })
  expect(JSON.parse(nameJson(name))).not.toHaveProperty('version')
  expect(nameFromJson(nameJson(name))).toEqual(name)
})

test('a listed version of an older row has no release time', () => {
  const { releasedAt: _, ...stable } = { ...record, status: 'stable' as const }
  const json = JSON.stringify({ head: { ...head, ...storedHead }, stable, latest: stable })
  expect(promptRow(listingFromJson(json))).toMatchObject({ stable_released_at: null })
})

test('rows of SQLite keep the name of a version as label', () => {
  const row = headValues('p', head, null)
  expect(JSON.parse(row.rolled_back)).toEqual(storedHead.rolledBack)
  expect(JSON.parse(row.highest ?? '')).toEqual(storedHead.highest)
  expect(headOf(row)).toEqual(head)
  const name = claim('1.0.0', record, '1.0.0')
  const { version: label, ...others } = name
  expect(nameOf({ prompt: 'p', release_key: null, label, ...others })).toEqual(name)
})
