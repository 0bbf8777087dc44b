/** What fills templates: one module, loaded when the first prompt is rendered. */
export { compilePrompt } from './rendering/render.ts'
