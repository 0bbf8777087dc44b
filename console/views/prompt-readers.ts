import { RegistryError } from '../../api/contract/errors.ts'
import type { ReadsAnswer, RegistryApi } from '../../api/contract/registry-api.ts'
import { EMPTY, type Html, html } from '../html.ts'
import { versionName } from './parts.ts'

const DAYS = 30
const MOST_READERS = 20

/** Who read a prompt in the last 30 days. Empty if the registry does not count reads. */
export async function promptReaders(api: RegistryApi, id: string): Promise<Html> {
  const answer = await api.reads(id, { days: DAYS }).catch((error) => {
    // An older registry has no such route.
    if (error instanceof RegistryError) return undefined
    throw error
  })
  if (answer === undefined) return EMPTY
  const { readers, reads } = answer
  const more = readers.length - MOST_READERS
  return html`<details class="card use"><summary>Who reads this <span class="faint">${readers.length === 0 ? `nobody in ${DAYS} days` : `${count(reads, 'read')} by ${applications(readers)} in ${DAYS} days`}</span></summary>
${readers.length === 0 ? html`<p class="body note">No client has asked this registry for the prompt.</p>` : table(readers)}
${more > 0 ? html`<p class="body note">And ${count(more, 'more row')}. "promptctl reads" has all.</p>` : ''}
</details>`
}

function table(readers: ReadsAnswer['readers']): Html {
  return html`<table class="list"><thead><tr><th>Application</th><th>Version</th><th>Reads</th><th>Last read (UTC)</th></tr></thead>
<tbody>${readers.slice(0, MOST_READERS).map((reader) => html`<tr><td>${reader.application}</td><td>${versionName(reader.release, reader.version)}</td><td>${String(reader.reads)}</td><td>${reader.last_day}</td></tr>`)}</tbody></table>`
}

function applications(readers: ReadsAnswer['readers']): string {
  return count(new Set(readers.map(({ application }) => application)).size, 'application')
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
