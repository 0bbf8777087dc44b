import type { ResolvedPrompt } from '../../api/contract/registry-api.ts'
import { EMPTY, type Html, html, marked, shown } from '../html.ts'
import { knownName, type ShownPrompt } from '../reading/shown-prompt.ts'
import { versionMessages } from '../reading/version-text.ts'
import { queryOf, type Visit } from '../visit.ts'
import { BRIEF, fileView, LONG, type ShownLimits } from './diff-view.ts'
import { chip, hasDraft, promptHref, versionName, withQuery } from './parts.ts'

type Messages = NonNullable<ResolvedPrompt['messages']>
type Message = Messages[number]
type Inputs = NonNullable<ResolvedPrompt['inputs']>
type ShownInput = Inputs[number]

interface Bounds {
  readonly limits: ShownLimits
  readonly moreHref: string | null
  /** The number of messages, and of inputs. */
  readonly items: number
}

const BRIEF_ITEMS = 50
const LONG_ITEMS = 500

/** The request to a model: the messages with their roles, and the inputs that fill their placeholders. */
export async function messagesTab(view: ShownPrompt, visit: Visit): Promise<Html> {
  const { row } = view
  const label = queryOf(visit, 'version') || row.stable || row.latest
  if (label === null) return html`<p>This prompt has no version.</p>`
  const { version, problem } = await versionMessages(visit.viewer.api, row.prompt_id, label)
  const known = version ?? knownName(view, label)
  const heading = html`<h2>${versionName(known.release, known.version)}${switches(view, known.version)}</h2>`
  if (version === null) return html`<section class="card">${heading}<p class="body">${problem}</p></section>`
  const all = queryOf(visit, 'all') === '1'
  const bounds: Bounds = all
    ? { limits: LONG, moreHref: null, items: LONG_ITEMS }
    : { limits: BRIEF, moreHref: withQuery(visit.url, { all: '1' }), items: BRIEF_ITEMS }
  return html`<section class="card">${heading}${readingProblem(version)}${texts(version, bounds)}</section>
${inputsCard(version.inputs ?? [], bounds)}`
}

/** Links to the stable version and to the draft, if there are both. */
function switches({ row }: ShownPrompt, current: string): Html {
  const { prompt_id, stable, latest } = row
  if (stable === null || latest === null || !hasDraft(row)) return EMPTY
  const link = (label: string, name: string) =>
    html`<a href="${promptHref(prompt_id, `tab=messages&version=${encodeURIComponent(label)}`)}"${label === current ? html` aria-current="true"` : ''}>${name}</a>`
  return html`<span class="switch">${link(stable, 'Stable')}${link(latest, 'Draft')}</span>`
}

function readingProblem({ reading_problem }: ResolvedPrompt): Html {
  if (reading_problem == null) return EMPTY
  return html`<p class="caution"><b>The file was not read to its end.</b> ${shown(reading_problem)} Agents still get the text.</p>`
}

function texts({ messages, template, content }: ResolvedPrompt, bounds: Bounds): Html {
  if (messages == null) {
    return html`<p class="lead">One text without roles.</p>${fileView(template ?? content, { ...bounds, label: 'Text' })}`
  }
  const kept = within(messages, bounds)
  return html`<ol class="messages">${kept.map(([one, lines]) => message(one, lines, bounds))}</ol>${more(messages.length - kept.length, 'messages', bounds)}`
}

/** The first messages, each with the number of its lines that the page shows. */
function within(messages: Messages, { items, limits }: Bounds): (readonly [Message, lines: number])[] {
  const kept: (readonly [Message, number])[] = []
  let left = limits.lines
  for (const one of messages.slice(0, items)) {
    if (left <= 0) break
    kept.push([one, left])
    left -= (one.content ?? '').split('\n', left).length
  }
  return kept
}

function message({ role, content }: Message, lines: number, { limits, moreHref }: Bounds): Html {
  const options = { limits: { ...limits, lines }, moreHref, label: `Text of ${role}` }
  const text =
    content === undefined
      ? html`<p class="body faint">The earlier messages of the conversation.</p>`
      : fileView(content, options)
  return html`<li><h3>${shown(role)}</h3>${text}</li>`
}

function more(hidden: number, noun: string, { moreHref }: Bounds): Html {
  if (hidden <= 0) return EMPTY
  return html`<p class="foot">${String(hidden)} more ${noun}. ${moreHref === null ? 'Download the file to see them.' : html`<a href="${moreHref}">Show all</a>`}</p>`
}

function inputsCard(inputs: Inputs, bounds: Bounds): Html {
  if (inputs.length === 0)
    return html`<section class="card"><h2>Inputs</h2><p class="body faint">None: agents pass no values.</p></section>`
  const kept = inputs.slice(0, bounds.items)
  return html`<section class="card"><h2>Inputs <span class="faint">values that agents pass</span></h2><table class="list">
<caption class="sr">Inputs</caption>
<thead><tr><th scope="col">Input</th><th scope="col">Type</th><th scope="col">Needed</th><th scope="col">Values</th></tr></thead>
<tbody>${kept.map(inputRow)}</tbody>
</table>${more(inputs.length - kept.length, 'inputs', bounds)}</section>`
}

function inputRow(input: ShownInput): Html {
  const { name, description, declared } = input
  return html`<tr>
<th scope="row"><code>${shown(name)}</code>${declared === false ? html` ${chip('warn', 'undeclared', 'The text uses it, and the file does not declare it')}` : ''}${description === undefined ? '' : html`<span class="note">${shown(description.slice(0, 500))}</span>`}</th>
<td data-label="Type">${typeText(input)}</td>
<td data-label="Needed">${input.required ? 'required' : 'optional'}</td>
<td data-label="Values">${valuesOf(input)}</td>
</tr>`
}

function typeText({ type, items }: ShownInput): string {
  return items === undefined ? type : `${type} of ${items}`
}

/** The default, the allowed values, an example and the schema of an input. */
function valuesOf({ default: standard, enum: allowed, sample, schema }: ShownInput): Html {
  const facts = [
    ['default', standard],
    ['one of', allowed?.map(valueText).join(', ')],
    ['example', sample],
    ['schema', schema],
  ] as const
  const given = facts.filter(([, value]) => value !== undefined)
  if (given.length === 0) return html`<span class="faint">any</span>`
  return html`${given.map(([label, value]) => html`<div><span class="faint">${label}</span> <code class="wrap">${marked(valueText(value).slice(0, 500))}</code></div>`)}`
}

function valueText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
