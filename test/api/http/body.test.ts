import { describe, expect, test } from 'vitest'
import { LIMITS } from '../../../api/contract/index.ts'
import { appUnderTest, refusal } from './app-under-test.ts'

const JSON_TYPE = { 'content-type': 'application/json' }
const PUSH = { prompt_id: 'a', content: 'x' }

/** The response of POST /prompts to a raw body. */
async function sending(body: RequestInit['body'], headers: Record<string, string> = JSON_TYPE) {
  const { registry, ask } = appUnderTest()
  const response = await ask('/prompts', { method: 'POST', body, headers, duplex: 'half' } as RequestInit)
  return { ...(await refusal(response)), calls: registry.calls.length }
}

const refused = (status: number, code: string) => ({ status, code, calls: 0 })

describe('the JSON of a body', () => {
  test.each(['{', '{"a":1,}', 'nonsense', "{'a':1}", '{"a":\n"x\ny"}', '\u0000', '{} {}'])(
    'refuses %j with invalid_json',
    async (body) => {
      expect(await sending(body)).toMatchObject(refused(400, 'invalid_json'))
    },
  )

  test('says where it goes wrong, and repeats nothing of the body', async () => {
    const { error } = await sending('{"content": "secret" nonsense}')
    expect(error).toBe('The body is not valid JSON; the error is at character 22.')
    expect((await sending('{"content": "secr')).error).not.toContain('secr')
  })

  test.each(['[]', '"text"', '1', 'null', 'true'])('refuses %s, which is not an object', async (body) => {
    const answer = await sending(body)
    expect(answer).toMatchObject(refused(400, 'invalid_request'))
    expect(answer.error).toMatch(
      /^body: expected an object, got (an array|a string|a number|null|a boolean)\.$/,
    )
  })

  test('refuses a key that would be dropped in silence', async () => {
    const answer = await sending('{"prompt_id":"a","content":"x","config":{"__proto__":{"a":1}}}')
    expect(answer).toMatchObject(refused(400, 'invalid_request'))
    expect(answer.error).toBe('config.__proto__: this key is not allowed.')
  })

  test('refuses nesting without end instead of running out of stack', async () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`
    const answer = await sending(`{"prompt_id":"a","content":"x","config":${deep}}`)
    expect(answer).toMatchObject(refused(400, 'invalid_request'))
    expect(answer.error).toContain('nested too deeply')
  })

  test('lets configuration pass that is as deep as the contract allows', async () => {
    const { registry, post } = appUnderTest()
    let config: unknown = 1
    for (let depth = 0; depth < LIMITS.jsonDepth; depth++) config = { a: config }
    await post('/batch', { operations: [{ op: 'push', ...PUSH, config }] })
    expect(registry.calls).toHaveLength(1)
  })

  test('keeps every character of a text', async () => {
    const { registry, post } = appUnderTest()
    const content = '\u{1f600} é\r\n\t\u2028 \ufeff'
    await post('/prompts', { ...PUSH, content })
    expect(registry.call.args).toEqual([{ ...PUSH, content }])
  })
})

describe('the text of a body', () => {
  test.each([
    ['a lone continuation byte', [0x80]],
    ['a cut sequence', [0xe2, 0x82]],
    ['an encoded surrogate', [0xed, 0xa0, 0x80]],
    ['Latin-1', [0xe9]],
  ])('refuses %s with invalid_text, because it is not UTF-8', async (_what, bytes) => {
    const body = Buffer.concat([
      Buffer.from('{"prompt_id":"a","content":"'),
      Buffer.from(bytes),
      Buffer.from('"}'),
    ])
    expect(await sending(body)).toMatchObject(refused(400, 'invalid_text'))
  })

  test.each([
    ['content', '{"prompt_id":"a","content":"\\ud800"}'],
    ['content', '{"prompt_id":"a","content":"\\udc00\\ud800"}'],
    ['content', '{"prompt_id":"a","content":"a\\u0000b"}'],
    ['tags.1', '{"prompt_id":"a","content":"x","tags":["ok","\\udfff"]}'],
    ['config.a.0.b', '{"prompt_id":"a","content":"x","config":{"a":[{"b":"\\u0000"}]}}'],
    ['origin.path', '{"prompt_id":"a","content":"x","origin":{"path":"\\ud800"}}'],
    ['prompt_id', '{"prompt_id":"\\ud800","content":"x"}'],
  ])('refuses half a surrogate pair and NUL in %s: %s', async (field, body) => {
    const answer = await sending(body)
    expect(answer).toMatchObject(refused(400, 'invalid_text'))
    expect(answer.error.startsWith(`${field}: `)).toBe(true)
  })

  test.each(['\\ud800', '\\u0000'])('refuses the key %s, and names it in printable text', async (key) => {
    const answer = await sending(`{"prompt_id":"a","content":"x","config":{"k${key}":1}}`)
    expect(answer).toMatchObject(refused(400, 'invalid_text'))
    expect(answer.error.startsWith('config.k\ufffd: ')).toBe(true)
  })
})

describe('the size of a body', () => {
  const padded = (bytes: number) => {
    const shell = JSON.stringify({ ...PUSH, content: '' })
    return JSON.stringify({ ...PUSH, content: 'x'.repeat(bytes - shell.length) })
  }
  const inChunks = (text: string) =>
    new ReadableStream<Uint8Array>({
      start(controller) {
        const bytes = new TextEncoder().encode(text)
        for (let at = 0; at < bytes.length; at += 65_536) controller.enqueue(bytes.slice(at, at + 65_536))
        controller.close()
      },
    })
  const declared = (text: string) => ({ ...JSON_TYPE, 'content-length': String(text.length) })

  test('is 413 where the declared length is over the limit, without reading it', async () => {
    const tooMuch = { ...JSON_TYPE, 'content-length': String(LIMITS.bodyBytes + 1) }
    const answer = await sending('{}', tooMuch)
    expect(answer).toMatchObject(refused(413, 'too_large'))
    expect(answer.details).toEqual({ limit_bytes: LIMITS.bodyBytes })
  })

  test('is 413 where chunks without a declared length go over the limit', async () => {
    expect(await sending(inChunks(padded(LIMITS.bodyBytes + 1)))).toMatchObject(refused(413, 'too_large'))
  })

  test('is 413 where the declared length is a lie', async () => {
    const text = padded(LIMITS.bodyBytes + 1)
    expect(await sending(text, { ...JSON_TYPE, 'content-length': '2' })).toMatchObject(
      refused(413, 'too_large'),
    )
  })

  test('passes at the limit, in either framing', async () => {
    const text = padded(LIMITS.bodyBytes)
    for (const [body, headers] of [
      [text, declared(text)],
      [inChunks(text), JSON_TYPE],
    ] as const) {
      expect((await sending(body, headers)).calls).toBe(1)
    }
  })

  test('is 400 where it ends early', async () => {
    const broken = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(new Error('socket hang up')),
    })
    const answer = await sending(broken)
    expect(answer).toMatchObject(refused(400, 'invalid_request'))
    expect(answer.error).not.toContain('hang up')
  })
})

describe('the type of a body', () => {
  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'application/jsonp',
    '',
  ])('is 415 when it is "%s"', async (type) => {
    const answer = await sending(JSON.stringify(PUSH), { 'content-type': type })
    expect(answer).toMatchObject(refused(415, 'unsupported_media_type'))
    expect(answer.error).toContain('content-type: application/json')
  })

  test('is 415 when it is missing or the body is compressed', async () => {
    expect(await sending(Buffer.from(JSON.stringify(PUSH)), {})).toMatchObject(
      refused(415, 'unsupported_media_type'),
    )
    expect(await sending(JSON.stringify(PUSH), { ...JSON_TYPE, 'content-encoding': 'gzip' })).toMatchObject(
      refused(415, 'unsupported_media_type'),
    )
  })

  test.each(['application/json; charset=utf-8', 'Application/JSON', 'application/json ;x=y'])(
    'may be written "%s"',
    async (type) => {
      expect((await sending(JSON.stringify(PUSH), { 'content-type': type })).calls).toBe(1)
    },
  )
})

describe('no body', () => {
  test('means {} if every field is optional, and needs no content type', async () => {
    const { registry, ask } = appUnderTest()
    for (const [method, path] of [
      ['POST', '/prompts/a/rollback'],
      ['POST', '/prompts/a/hold'],
      ['DELETE', '/prompts/a/hold'],
    ] as const) {
      expect((await ask(path, { method })).status).toBe(200)
    }
    expect(registry.calls.map(({ method }) => method)).toEqual(['rollback', 'hold', 'unhold'])
  })

  test('is refused with the name of a missing required field', async () => {
    const answer = await sending(null, {})
    expect(answer).toMatchObject(refused(400, 'invalid_request'))
    expect(answer.error).toBe('prompt_id: expected a string, got nothing.')
  })
})
