import { alikeFindings } from '../../api/contract/alike-findings.ts'
import type { FindingDocument } from '../../api/contract/registry-api.ts'
import { EMPTY, type Html, html, shown } from '../html.ts'
import type { ShownCondition } from '../reading/source-view.ts'
import { age } from '../time.ts'
import type { Visit } from '../visit.ts'
import { chip, numberText, type Tone, withQuery } from './parts.ts'

export type FindingWeight = 'problem' | 'hold' | 'notice'

const CLASSES: readonly (readonly [FindingWeight, heading: string, tone: Tone])[] = [
  ['problem', 'Problems', 'bad'],
  ['hold', 'Held back', 'warn'],
  ['notice', 'Notices', 'plain'],
]

/** The findings of a source, by what they ask of people. */
export function findings(
  all: readonly FindingDocument[],
  visit: Visit,
  classOf: (code: string) => FindingWeight,
  next: string | null,
): Html {
  const groups = CLASSES.map(([name, heading, tone]) => {
    const own = all.filter(({ code }) => classOf(code) === name)
    if (own.length === 0) return EMPTY
    return html`<section class="card"><h2>${heading} <span class="faint">${String(own.length)}</span></h2>${alikeFindings(own).map((alike) => finding(alike, tone, visit.now))}</section>`
  })
  const more =
    next === null
      ? EMPTY
      : html`<nav class="pager" aria-label="Pages"><a href="${withQuery(visit.url, { findings: next })}">More findings</a></nav>`
  return html`${groups}${more}`
}

function finding(
  [{ code, subject, message, cause, first_seen }, ...others]: [FindingDocument, ...FindingDocument[]],
  tone: Tone,
  now: number,
): Html {
  return html`<div class="finding">${chip(tone, code.replaceAll('_', ' '))} <b>${shown(subject.name)}</b> <span class="faint">since ${age(first_seen, now)}</span>
<p>${shown(message)}</p>${sameFor(others)}${cause == null || cause === '' ? '' : html`<p class="faint"><code>${shown(cause)}</code></p>`}</div>`
}

/** Names that have the same finding. */
function sameFor(others: readonly FindingDocument[]): Html {
  if (others.length === 0) return EMPTY
  const names = others.map(({ subject }) => html`<li>${shown(subject.name)}</li>`)
  return html`<details><summary>The same for ${numberText(others.length)} more</summary><ul>${names}</ul></details>`
}

export function conditions(all: readonly ShownCondition[], now: number): Html {
  if (all.length === 0) return EMPTY
  return html`<section class="card"><h2>Conditions</h2><table class="list">
<caption class="sr">Conditions</caption>
<thead><tr><th scope="col">Condition</th><th scope="col">Status</th><th scope="col">Message</th><th scope="col" class="end">Since</th></tr></thead>
<tbody>${all.map((one) => html`<tr><th scope="row">${shown(one.type)}</th><td data-label="Status">${chip(conditionTone(one), one.reason)}</td><td data-label="Message"><span class="wrap">${shown(one.message)}</span></td><td data-label="Since" class="end">${age(one.since, now)}</td></tr>`)}</tbody>
</table></section>`
}

/** `Held` and `Drifted` are good when they are false. */
function conditionTone({ type, status }: ShownCondition): Tone {
  if (status === 'Unknown') return 'plain'
  const isGood = ['Held', 'Drifted'].includes(type) ? status === 'False' : status === 'True'
  if (isGood) return 'good'
  return type === 'Held' || type === 'Drifted' ? 'warn' : 'bad'
}
