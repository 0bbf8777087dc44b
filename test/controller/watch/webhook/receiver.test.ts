import { describe, expect, it, test } from 'vitest'
import { WEBHOOK_HOST_NAMES } from '../../../../controller/values/webhook-host-names.ts'
import { WEBHOOK_HOSTS } from '../../../../controller/watch/webhook/hosts.ts'
import { createWebhookReceiver } from '../../../../controller/watch/webhook/receiver.ts'
import fc from '../../../support/fast-check.ts'
import {
  DELIVERIES,
  type Delivery,
  githubDelivery,
  githubEvents,
  githubPayloads,
  standard,
  unsignedPing,
} from '../../../support/webhook-deliveries.ts'

const SECRET = 'the-secret-of-this-webhook'
const MOST_BYTES = 25 * 1024 * 1024

/** A receiver with a source per host, named after the host, and its hints. */
function receiving({ secrets = [SECRET], open = true }: { secrets?: string[]; open?: boolean } = {}) {
  const hints: string[] = []
  const receive = createWebhookReceiver({
    endpoints: new Map(WEBHOOK_HOST_NAMES.map((name) => [name, { host: WEBHOOK_HOSTS[name], secrets }])),
    hint: (source) => {
      hints.push(source)
      return open
    },
  })
  const deliver = async (source: string, { headers, body }: Delivery, method = 'POST') => {
    const request = new Request(`http://registry/webhooks/${source}`, {
      method,
      headers,
      ...(method !== 'GET' && { body: new Uint8Array(body) }),
    })
    const response = await receive(request)
    return { status: response.status, headers: response.headers, text: await response.text() }
  }
  return { receive, deliver, hints }
}

function without({ headers, body }: Delivery, pattern: RegExp): Delivery {
  const kept = Object.entries(headers).filter(([name]) => !pattern.test(name))
  return { body, headers: Object.fromEntries(kept) }
}

const SIGNED = /signature|token/

describe.each(WEBHOOK_HOST_NAMES)('%s', (host) => {
  const { moved, ping, other } = DELIVERIES[host]
  const [[, push] = []] = moved
  if (push === undefined) throw new Error('no push')

  it.each(moved)('%s: a signed delivery requests a pass, each time it comes', async (_name, delivery) => {
    const { deliver, hints } = receiving()
    for (let time = 1; time <= 3; time++) {
      expect(await deliver(host, delivery(SECRET))).toMatchObject({
        status: 202,
        text: '{"status":"accepted"}',
      })
      expect(hints).toEqual(Array(time).fill(host))
    }
  })

  it('answers a ping, ignores other events, and requests no pass', async () => {
    const { deliver, hints } = receiving()
    if (ping !== undefined)
      expect(await deliver(host, ping(SECRET))).toMatchObject({ status: 200, text: '{"status":"pong"}' })
    if (other !== undefined)
      expect(await deliver(host, other(SECRET))).toMatchObject({ status: 202, text: '{"status":"ignored"}' })
    expect(hints).toEqual([])
  })

  it('is refused with another secret, with none, and with a part of the right one', async () => {
    const { deliver, hints } = receiving()
    const all = [...moved.map(([, make]) => make), ...[ping, other].filter((make) => make !== undefined)]
    for (const make of all) {
      const bad = ['guess', `${SECRET}x`, SECRET.slice(1), ''].map(make)
      for (const delivery of [...bad, without(make(SECRET), SIGNED)]) {
        const isUnsignedPing =
          host === 'bitbucket' && make === ping && !('x-hub-signature' in delivery.headers)
        if (isUnsignedPing) continue
        const { status, text } = await deliver(host, delivery)
        expect(status).toBe(401)
        expect(JSON.parse(text)).toMatchObject({ code: 'unauthorized', error: expect.stringMatching(/\.$/) })
      }
    }
    expect(hints).toEqual([])
  })

  it('accepts the old and the next secret during a rotation', async () => {
    const { deliver } = receiving({ secrets: ['old', 'next'] })
    const answers = await Promise.all(['old', 'next', 'other'].map((secret) => deliver(host, push(secret))))
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 401])
  })

  it('is refused when any bit of the proof is flipped', async () => {
    const { deliver, hints } = receiving()
    for (const [, make] of moved) {
      const good = make(SECRET)
      const names = provingHeaders(host, good)
      expect(names).not.toHaveLength(0)
      for (const name of names) {
        const value = good.headers[name] ?? ''
        for (const flipped of flippedTexts(value, startOfKnown(name, value))) {
          const headers = { ...good.headers, [name]: flipped }
          const { status } = await deliver(host, { ...good, headers })
          expect([name, flipped, status]).toEqual([name, flipped, 401])
        }
      }
    }
    expect(hints).toEqual([])
  })

  it('is refused when any bit of a signed body is flipped, or it is shortened or extended', async () => {
    const { deliver, hints } = receiving()
    for (const [, make] of moved) {
      const good = make(SECRET)
      if ('x-gitlab-token' in good.headers) continue
      await fc.assert(
        fc.asyncProperty(fc.nat(), fc.integer({ min: 0, max: 7 }), async (at, bit) => {
          const body = Buffer.from(good.body)
          const index = at % body.length
          body.writeUInt8(body.readUInt8(index) ^ (1 << bit), index)
          expect((await deliver(host, { ...good, body })).status).toBe(401)
        }),
        { numRuns: 100 },
      )
      for (const body of [
        good.body.slice(1),
        good.body.slice(0, -1),
        Buffer.concat([good.body, Buffer.of(32)]),
      ])
        expect((await deliver(host, { ...good, body })).status).toBe(401)
    }
    expect(hints).toEqual([])
  })
})

/** The headers with this host's proof, and no similar ones. */
function provingHeaders(host: string, { headers }: Delivery): string[] {
  const own: Record<string, RegExp> = {
    gitea: /^x-gitea-signature$/,
    forgejo: /^x-forgejo-signature$/,
    gitlab: /token|^webhook-/,
    generic: /^x-hub-signature-256$|^webhook-/,
  }
  return Object.keys(headers).filter((name) => (own[host] ?? /^x-hub-signature/).test(name))
}

/** All variants of a text with one bit flipped, from an offset on, that a header can hold. */
function flippedTexts(text: string, from: number): string[] {
  const places = Array.from({ length: text.length - from }, (_, index) => index + from)
  const all = places.flatMap((at) =>
    [0, 1, 2, 3, 4, 5, 6].map((bit) => {
      const flipped = String.fromCharCode(text.charCodeAt(at) ^ (1 << bit))
      return text.slice(0, at) + flipped + text.slice(at + 1)
    }),
  )
  return all.filter((flipped) => /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(flipped))
}

/** The first of several signatures is of an unknown version, so it is ignored. */
function startOfKnown(name: string, value: string): number {
  return name === 'webhook-signature' ? value.indexOf(' ') + 1 : 0
}

describe('a delivery of GitHub', () => {
  const UNDERSTOOD = ['push', 'create', 'delete', 'pull_request', 'ping']

  test.each(UNDERSTOOD)('every real example of %s is understood', async (event) => {
    const { deliver, hints } = receiving()
    const payloads = githubPayloads(event)
    expect(payloads.length).toBeGreaterThan(0)
    for (const payload of payloads) {
      const { status } = await deliver('github', githubDelivery(event, payload, SECRET))
      expect(status).toBe(event === 'ping' ? 200 : 202)
    }
    expect(hints).toHaveLength(event === 'ping' ? 0 : payloads.length)
  })

  test('every other event is ignored', async () => {
    const { deliver, hints } = receiving()
    const others = githubEvents().filter((event) => !UNDERSTOOD.includes(event))
    expect(others.length).toBeGreaterThan(40)
    for (const event of others) {
      const { text } = await deliver('github', githubDelivery(event, githubPayloads(event)[0], SECRET))
      expect([event, text]).toEqual([event, '{"status":"ignored"}'])
    }
    expect(hints).toEqual([])
  })

  test('is accepted as a form too, because the body is not interpreted', async () => {
    const { deliver, hints } = receiving()
    const { headers, body } = githubDelivery('push', { payload: '\u0000{not json' }, SECRET)
    const form = { ...headers, 'content-type': 'application/x-www-form-urlencoded' }
    expect((await deliver('github', { headers: form, body })).status).toBe(202)
    expect(hints).toEqual(['github'])
  })

  test('with only the older SHA-1, or with the proof of another host, is refused', async () => {
    const { deliver } = receiving()
    const push = githubDelivery('push', {}, SECRET)
    const sha1 = { ...without(push, SIGNED).headers, 'x-hub-signature': `sha1=${'a'.repeat(40)}` }
    expect((await deliver('github', { ...push, headers: sha1 })).status).toBe(401)
    const token = {
      ...without(push, SIGNED).headers,
      'x-gitlab-token': SECRET,
      'x-gitlab-event': 'Push Hook',
    }
    expect((await deliver('github', { ...push, headers: token })).status).toBe(401)
  })
})

test('a signing token of Standard Webhooks is decoded, and invalid as plain text', async () => {
  const token = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
  const { deliver } = receiving({ secrets: [token] })
  const [[, push] = []] = DELIVERIES.gitlab.moved
  if (push === undefined) throw new Error('no push')
  const signed = standard(push)
  expect((await deliver('gitlab', signed(token))).status).toBe(202)
  expect((await deliver('gitlab', signed(token.slice(6)))).status).toBe(401)
})

test('the unsigned connection test of Bitbucket Server is answered, but no other one, and not with a wrong signature', async () => {
  const { deliver, hints } = receiving()
  expect(await deliver('bitbucket', unsignedPing)).toMatchObject({ status: 200, text: '{"status":"pong"}' })
  const wrong = { ...unsignedPing.headers, 'x-hub-signature': `sha256=${'0'.repeat(64)}` }
  expect((await deliver('bitbucket', { ...unsignedPing, headers: wrong })).status).toBe(401)
  const broken = { ...unsignedPing.headers, 'x-hub-signature': 'sha256=' }
  expect((await deliver('bitbucket', { ...unsignedPing, headers: broken })).status).toBe(401)
  const ping = without(DELIVERIES.github.ping?.(SECRET) ?? unsignedPing, SIGNED)
  expect((await deliver('github', ping)).status).toBe(401)
  expect(hints).toEqual([])
})

async function codeOf(response: Response): Promise<string> {
  return ((await response.json()) as { code: string }).code
}

describe('the receiver', () => {
  const push = githubDelivery('push', { ref: 'refs/heads/main' }, SECRET)

  it('answers a stranger alike for a source with a webhook and for one that is not there', async () => {
    const { deliver, hints } = receiving()
    const strangers: Delivery[] = [
      push,
      without(push, SIGNED),
      githubDelivery('push', { ref: 'refs/heads/main' }, 'guessed'),
      githubDelivery('ping', {}, 'guessed'),
      { ...push, headers: { ...push.headers, 'x-hub-signature-256': 'sha256=00' } },
      { ...push, headers: { ...push.headers, 'content-length': String(MOST_BYTES + 1) } },
      { headers: {}, body: push.body },
      unsignedPing,
      ...WEBHOOK_HOST_NAMES.flatMap((host) => DELIVERIES[host].moved.map(([, make]) => make('guessed'))),
    ]
    const known = receiving({ secrets: ['another-secret'] })
    const unknown = ['unknown', '', 'github/', 'github/x', '%67ithub', 'constructor', '__proto__']
    for (const delivery of strangers) {
      const answers = await Promise.all([
        ...WEBHOOK_HOST_NAMES.map((name) => known.deliver(name, delivery)),
        ...unknown.map((name) => deliver(name, delivery)),
      ])
      const distinct = answers.map(({ status, text, headers }) => JSON.stringify([status, text, ...headers]))
      expect(new Set(distinct).size, JSON.stringify(delivery.headers)).toBe(1)
      expect([200, 401, 413]).toContain(answers[0]?.status)
    }
    expect([...hints, ...known.hints]).toEqual([])
  })

  it.each([
    ['sha256=00', 'github', 'X-Hub-Signature-256'],
    [`sha256=${'G'.repeat(64)}`, 'github', 'X-Hub-Signature-256'],
    [`${'0'.repeat(64)}`, 'github', 'X-Hub-Signature-256'],
    ['', 'generic', 'X-Hub-Signature-256'],
    ['00', 'gitea', 'X-Gitea-Signature'],
    ['v1,short', 'gitlab', 'webhook-signature'],
    ['sha1=00', 'bitbucket', 'X-Hub-Signature'],
  ])('names the header of the malformed signature "%s" for %s', async (value, source, header) => {
    const { deliver } = receiving()
    const { status, text } = await deliver(source, { headers: { [header]: value }, body: push.body })
    expect(status).toBe(401)
    expect(JSON.parse(text).error).toContain(`The signature in ${header} is malformed.`)
  })

  it('tells the operator alone which source a refused delivery was for', async () => {
    const refused: (string | null)[] = []
    const receive = createWebhookReceiver({
      endpoints: new Map([['github', { host: WEBHOOK_HOSTS.github, secrets: [SECRET] }]]),
      hint: () => true,
      onRefused: ({ source }) => refused.push(source),
    })
    for (const name of ['github', 'unknown']) {
      const { status } = await receive(new Request(`http://x/webhooks/${name}`, { method: 'POST' }))
      expect(status).toBe(401)
    }
    expect(refused).toEqual(['github', null])
  })

  it('accepts only POST, and checks that before the source', async () => {
    const { deliver, hints } = receiving()
    for (const method of ['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      for (const source of ['github', 'unknown']) {
        const { status, headers, text } = await deliver(source, push, method)
        expect([status, headers.get('allow'), JSON.parse(text).code]).toEqual([
          405,
          'POST',
          'method_not_allowed',
        ])
      }
    }
    expect(hints).toEqual([])
  })

  it('responds 503 when the watch has stopped', async () => {
    const { deliver } = receiving({ open: false })
    const { status, headers, text } = await deliver('github', push)
    expect([status, headers.get('retry-after'), JSON.parse(text).code]).toEqual([503, '60', 'unavailable'])
  })

  it('responds to an internal failure without its message', async () => {
    const receive = createWebhookReceiver({
      endpoints: new Map([['a', { host: WEBHOOK_HOSTS.github, secrets: [SECRET] }]]),
      hint: () => {
        throw new Error(`it broke over ${SECRET}`)
      },
    })
    const request = new Request('http://x/webhooks/a', {
      method: 'POST',
      headers: push.headers,
      body: new Uint8Array(push.body),
    })
    const response = await receive(request)
    const text = await response.text()
    expect(response.status).toBe(500)
    expect(text).not.toContain('broke')
    expect(text).not.toContain(SECRET)
  })

  /** A body that records how much of it was read. */
  function endless() {
    let taken = 0
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          taken += 64 * 1024
          if (taken > 2 * MOST_BYTES) return controller.close()
          controller.enqueue(new Uint8Array(64 * 1024))
        },
      },
      { highWaterMark: 0 },
    )
    const request = (headers: Readonly<Record<string, string>>) =>
      new Request('http://x/webhooks/github', { method: 'POST', headers, body, duplex: 'half' })
    return { request, taken: () => taken }
  }

  it('reads no body whose declared length is too large', async () => {
    const { receive } = receiving()
    const { request, taken } = endless()
    const response = await receive(request({ ...push.headers, 'content-length': String(MOST_BYTES + 1) }))
    expect([response.status, await codeOf(response), taken()]).toEqual([413, 'too_large', 0])
  })

  it('counts the bytes that it reads, and stops at the limit', async () => {
    const { receive } = receiving()
    const { request, taken } = endless()
    const response = await receive(request(push.headers))
    expect([response.status, taken() <= MOST_BYTES + 2 * 64 * 1024]).toEqual([413, true])
  })

  it('reads no body without a signature that could be valid', async () => {
    const { receive } = receiving()
    const malformed = { ...push.headers, 'x-hub-signature-256': 'sha256=00' }
    for (const headers of [without(push, SIGNED).headers, malformed]) {
      const { request, taken } = endless()
      expect((await receive(request(headers))).status).toBe(401)
      expect(taken()).toBe(0)
    }
  })

  it("accepts a body of GitHub's maximum size", async () => {
    const { deliver } = receiving()
    const large = githubDelivery('push', 'x'.repeat(MOST_BYTES - 2), SECRET)
    expect(large.body.length).toBe(MOST_BYTES)
    expect((await deliver('github', large)).status).toBe(202)
  })

  it('reports that a truncated body is incomplete', async () => {
    const { receive } = receiving()
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(push.body)
        controller.error(new Error('connection lost'))
      },
    })
    const init = { method: 'POST', headers: push.headers, body, duplex: 'half' } as const
    const response = await receive(new Request('http://x/webhooks/github', init))
    expect([response.status, await codeOf(response)]).toEqual([400, 'invalid_request'])
  })

  it('has no secret in any response', async () => {
    const { deliver } = receiving({ secrets: [SECRET, 'next-secret'] })
    for (const host of WEBHOOK_HOST_NAMES) {
      for (const [, make] of DELIVERIES[host].moved) {
        for (const secret of [SECRET, 'next-secret', 'guessed']) {
          const { text, headers } = await deliver(host, make(secret))
          const told = text + JSON.stringify([...headers])
          for (const word of [SECRET, 'next-secret', 'guessed']) expect(told).not.toContain(word)
        }
      }
    }
  })
})
