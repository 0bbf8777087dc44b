import { Webhook } from 'standardwebhooks'
import { expect, test } from 'vitest'
import { signatureHeaders, signingKey } from '../../../controller/notify/webhook-signature.ts'

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

function keyOf(secret: string): Buffer {
  const key = signingKey(secret)
  if (key === null) throw new Error('not a secret')
  return key
}

test('signs as the example of the specification', () => {
  const headers = signatureHeaders(
    'msg_p5jXN8AQM9LWM0D4loKWxJek',
    1614265330999,
    '{"test": 2432232314}',
    keyOf(SECRET),
  )
  expect(headers).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  })
})

test('the reference implementation accepts a signature, and refuses it for another body', () => {
  const body = JSON.stringify({ text: 'ünï' })
  const headers = signatureHeaders('id', Date.now(), body, keyOf(SECRET))
  const webhook = new Webhook(SECRET)
  expect(webhook.verify(body, headers)).toEqual({ text: 'ünï' })
  expect(() => webhook.verify(`${body} `, headers)).toThrow('No matching signature')
})

test.each([
  ['', 'nothing'],
  [SECRET.slice(6), 'no prefix'],
  ['whsec_', 'no key'],
  [`whsec_${Buffer.alloc(23).toString('base64')}`, '23 bytes'],
  [`whsec_${Buffer.alloc(65).toString('base64')}`, '65 bytes'],
  ['whsec_this is no base64, but long enough to be a key', 'no base64'],
])('refuses the secret "%s": %s', (secret) => {
  expect(signingKey(secret)).toBeNull()
})

test.each([24, 64])('accepts a secret of %i bytes', (bytes) => {
  expect(signingKey(`whsec_${Buffer.alloc(bytes, 1).toString('base64')}`)?.length).toBe(bytes)
})
