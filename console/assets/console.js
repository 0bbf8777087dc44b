// Keeps a page current and adds shortcuts. Every page works without it.
const main = document.querySelector('#main')
const live = document.querySelector('#live')
const refreshMs = Number(document.body.dataset.refresh ?? 0)
let etag
let isAsking = false

/** Loads the page again if it changed, unless somebody types in it. */
async function refresh() {
  if (isAsking || document.hidden || isTyping()) return
  isAsking = true
  try {
    const headers = etag === undefined ? {} : { 'if-none-match': etag }
    const answer = await fetch(location.href, { headers, cache: 'no-store' })
    if (answer.status === 401) return say('You are signed out. Reload the page to sign in.')
    if (answer.status !== 304 && answer.ok) await show(answer)
    else if (answer.status >= 500) return say('The registry does not answer. Trying again.')
    say('')
  } catch {
    say('The registry does not answer. Trying again.')
  } finally {
    isAsking = false
  }
}

async function show(answer) {
  const isFirst = etag === undefined
  etag = answer.headers.get('etag') ?? undefined
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
  const next = page.querySelector('#main')
  if (next === null || isTyping() || withoutTimes(next) === withoutTimes(main)) return
  const focused = document.activeElement?.getAttribute('href')
  main.replaceChildren(...next.childNodes)
  if (focused) main.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true })
  if (!isFirst) announce()
}

/** The ages of things change every minute without news. */
function withoutTimes(element) {
  return element.innerHTML
    .replaceAll(/(<time [^>]*>)[^<]*/g, '$1')
    .replaceAll(/name="form" value="[^"]*"/g, '')
}

/** Whether somebody edits a field, or has edited one and not sent it yet. */
function isTyping() {
  const active = document.activeElement
  if (active !== null && main.contains(active) && active.matches('input, textarea, select')) return true
  return [...main.querySelectorAll('input, textarea, option')].some(isEdited)
}

function isEdited(field) {
  if (field.matches('option')) {
    const options = [...field.parentElement.options]
    const unedited = options.find(({ defaultSelected }) => defaultSelected) ?? options[0]
    return field.selected !== (field === unedited)
  }
  return field.value !== field.defaultValue || field.checked !== field.defaultChecked
}

function say(sentence) {
  if (live.textContent !== sentence) live.textContent = sentence
}

function announce() {
  say('Updated.')
}

if (refreshMs > 0) {
  setInterval(refresh, refreshMs)
  if (main.querySelector('[data-soon]') !== null) setTimeout(refresh, 1000)
  document.addEventListener('visibilitychange', refresh)
}

document.addEventListener('keydown', (event) => {
  if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return
  if (event.target.matches('input, textarea, select')) return
  const search = document.querySelector('#search')
  if (search === null) return
  event.preventDefault()
  search.focus()
})
