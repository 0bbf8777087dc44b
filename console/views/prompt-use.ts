import { type Html, html } from '../html.ts'
import { encodeId } from './parts.ts'

/** How an agent gets the prompt, and what it needs for that. */
export function promptUse(id: string): Html {
  const rows: readonly (readonly [reader: string, code: string, needs: string])[] = [
    ['TypeScript', `await client.get(${JSON.stringify(id)})`, 'the package @prompt-registry/client'],
    ['Python', `client.get(${JSON.stringify(id)})`, 'the file prompt_registry.py'],
    ['Anything else', `curl "$PROMPT_REGISTRY_URL/prompts/${encodeId(id)}"`, 'nothing'],
  ]
  return html`<details class="card use"><summary>Use this prompt in an agent</summary>
<dl class="facts body">${rows.map(([reader, code, needs]) => html`<div><dt>${reader}</dt><dd><code>${code}</code> <span class="note">Needs ${needs}</span></dd></div>`)}</dl>
</details>`
}
