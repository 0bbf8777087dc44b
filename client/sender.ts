/** What sends requests in Node: one module, loaded by the first request. */
export { nodeSender } from './transport/node-sender.ts'
