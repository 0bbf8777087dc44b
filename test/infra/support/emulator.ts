const ACCESS = { key: 'test', secret: 'test' }

/** As much of AWS's other APIs as the tests ask, without a client for each. The emulator checks no signatures. */
export interface AwsApi {
  /** A service that talks JSON: `json('ssm', 'AmazonSSM.GetParameter', { Name })`. */
  json(service: string, target: string, body: object): Promise<Record<string, unknown>>
  /** A service whose resources have addresses: `get('scheduler', '/schedules')`. */
  get(service: string, path: string): Promise<Record<string, unknown>>
  /** A service that talks XML, as text: `query('iam', { Action: 'ListRoles', Version })`. */
  query(service: string, parameters: Readonly<Record<string, string>>): Promise<string>
}

export function awsApi(url: string, region: string): AwsApi {
  const ask = async (service: string, path: string, init: RequestInit): Promise<string> => {
    const scope = `${ACCESS.key}/20260101/${region}/${service}/aws4_request`
    const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none`
    const answer = await fetch(`${url}${path}`, { ...init, headers: { ...init.headers, authorization } })
    const text = await answer.text()
    if (answer.ok) return text
    throw new Error(`${service} answered ${answer.status}: ${text}`)
  }
  const post = (service: string, headers: Record<string, string>, body: string) =>
    ask(service, '/', { method: 'POST', headers, body })
  return {
    async json(service, target, body) {
      const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target }
      return JSON.parse(await post(service, headers, JSON.stringify(body)))
    },
    get: async (service, path) => JSON.parse(await ask(service, path, {})),
    query: (service, parameters) =>
      post(
        service,
        { 'content-type': 'application/x-www-form-urlencoded' },
        new URLSearchParams(parameters).toString(),
      ),
  }
}

/** The texts of all elements with this name, in a document without attributes that matter. */
export function elements(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, text = '']) =>
    text.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&'),
  )
}
