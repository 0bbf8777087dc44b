import { describe, expect, test } from 'vitest'
import {
  allowedSignersProblem,
  parseAllowedSigners,
} from '../../../controller/verification/allowed-signers.ts'

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g'
const RSA = (bits: number) => {
  const string = (bytes: Buffer) => Buffer.concat([Buffer.of(0, 0, 0, bytes.length), bytes])
  const number = Buffer.concat([Buffer.of(0, 0x80), Buffer.alloc(bits / 8 - 1, 1)])
  const length = Buffer.from([0, 0, number.length >> 8, number.length & 255])
  const blob = [string(Buffer.from('ssh-rsa')), string(Buffer.of(1, 0, 1)), length, number]
  return `ssh-rsa ${Buffer.concat(blob).toString('base64')}`
}

describe('allowed signers', () => {
  test('can have comments, empty lines, several owners and quoted options', () => {
    const text = `# releases\r\n\r\nada@x,bob@x namespaces="git,file",valid-before="20270101" ${KEY} Ada's laptop\n\t${'carl@x'} ${KEY}\n`
    expect(parseAllowedSigners(text).map(({ key: _, ...line }) => line)).toEqual([
      {
        principals: 'ada@x,bob@x',
        namespaces: ['git', 'file'],
        validAfter: null,
        validBefore: Date.UTC(2027, 0, 1),
      },
      { principals: 'carl@x', namespaces: null, validAfter: null, validBefore: null },
    ])
    expect(allowedSignersProblem(text)).toBe(undefined)
  })

  test('have times in UTC, to the minute or the second', () => {
    const at = (time: string) => parseAllowedSigners(`a@x valid-after="${time}" ${KEY}`)[0]?.validAfter
    expect(at('202601151230')).toBe(Date.UTC(2026, 0, 15, 12, 30))
    expect(at('20260115123045Z')).toBe(Date.UTC(2026, 0, 15, 12, 30, 45))
  })

  test.for([
    ['a@x', 'expected owners, then any options, then the public key'],
    [KEY, 'expected owners, then any options, then the public key'],
    ['a@x ssh-ed25519', 'invalid public key: it is incomplete'],
    ['a@x ssh-ed25519 AAAA', 'invalid public key: it is incomplete'],
    [
      `a@x ${KEY.replace('ssh-ed25519', 'ssh-rsa')}`,
      'the line has the type "ssh-rsa", but the key is "ssh-ed25519"',
    ],
    ['a@x ssh-dss AAAAB3NzaC1kc3M=', 'invalid public key: keys of the type "ssh-dss" are not supported'],
    [`a@x ${RSA(1024)}`, 'invalid public key: it has fewer than 2048 bits'],
    [`!a@x,!b@x ${KEY}`, 'it allows nobody'],
    [
      `a@x cert-authority ${KEY}`,
      'certificates ("cert-authority") are not supported; list the keys themselves',
    ],
    [`a@x verify-required ${KEY}`, '"verify-required" is not a supported option with a value'],
    [`a@x namespaces=git ${KEY}`, '"namespaces=git" is not a supported option with a value'],
    [`a@x namespaces="git",namespaces="file" ${KEY}`, 'an option is repeated'],
    [`a@x valid-after="tomorrow" ${KEY}`, '"tomorrow" is not a time such as 20260131 or 202601311200'],
    [
      `a@x valid-after="20260102",valid-before="20260101" ${KEY}`,
      'it is never valid: "valid-before" is not after "valid-after"',
    ],
  ])('report the invalid line with the reason: %s', ([line = '', words]) => {
    expect(allowedSignersProblem(`a@x ${KEY}\n${line}\n`)).toBe(
      `line 2 of the allowed signers is invalid: ${words}.`,
    )
  })

  test('can have long RSA keys', () => {
    expect(parseAllowedSigners(`a@x ${RSA(4096)}`)).toHaveLength(1)
  })
})
