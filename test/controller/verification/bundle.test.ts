import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bundleLambda } from '../../../scripts/bundle.ts'
import { gpgHome } from '../../support/gpg-home.ts'
import { scratchFolder } from '../../support/scratch.ts'
import { signingMissing, sshKey } from '../../support/signing.ts'
import { skipWithout } from '../source/git-world.ts'

const COMMIT = '0'.repeat(40)
const PAYLOAD = `object ${COMMIT}\ntype commit\ntag v1\ntagger Cleo <cleo@example.com> 1770000000 +0000\n\nv1\n`

/** Asks a bundle, in a process that finds no other program. */
const SCRIPT = `
  const [file, question] = process.argv.slice(1)
  const { trust, payload, armored } = JSON.parse(question)
  const { createTagVerifier } = await import(file)
  const ref = { name: 'v1', commit: '${COMMIT}' }
  const verdict = await createTagVerifier(trust)(ref, { payload: Buffer.from(payload), armored }, Date.now())
  console.log(JSON.stringify(verdict))
`

test('a bundle verifies signatures without gpg and ssh-keygen', async (context) => {
  skipWithout(context, signingMissing())
  const { file } = await bundleLambda(
    'verify',
    'controller/verification/verify-tag.ts',
    await scratchFolder(),
  )
  const ask = (question: object) =>
    new Promise((resolve, reject) => {
      const args = ['--input-type=module', '-e', SCRIPT, file, JSON.stringify(question)]
      execFile(process.execPath, args, { env: {}, cwd: join(file, '..') }, (error, stdout) =>
        error ? reject(error) : resolve(JSON.parse(stdout)),
      )
    })

  const key = await sshKey()
  const ssh = { allowedSigners: `ada@example.com ${key.publicKey}`, gpgKeys: [] }
  const sshSignature = await key.sign(Buffer.from(PAYLOAD))
  expect(await ask({ trust: ssh, payload: PAYLOAD, armored: sshSignature })).toEqual({
    verified: true,
    signer: 'ada@example.com',
  })

  const home = await gpgHome()
  const gpgKey = await home.key('Cleo <cleo@example.com>')
  const gpg = { allowedSigners: '', gpgKeys: [await home.export(gpgKey)] }
  const pgpSignature = await home.sign(PAYLOAD)
  expect(await ask({ trust: gpg, payload: PAYLOAD, armored: pgpSignature })).toEqual({
    verified: true,
    signer: 'Cleo <cleo@example.com>',
  })
  expect(await ask({ trust: gpg, payload: `${PAYLOAD}more\n`, armored: pgpSignature })).toEqual({
    verified: false,
    problem: 'its signature does not match its content',
  })
})
