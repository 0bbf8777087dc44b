import { test } from 'vitest'
import { fuzzTheContract, fuzzTheEvents, fuzzTheSocket, fuzzTheWebhooks } from '../support/fuzz/attacks.ts'

// A sample; the long suite has many more.
test('requests made from the contract are answered as it says, with the rights that it says', () =>
  fuzzTheContract(500))

test('bytes that are no request end their connection and nothing else', () => fuzzTheSocket(100))

test('events that AWS would not send are refused, and never a fault', () => fuzzTheEvents(500))

test('deliveries of strangers are refused, and never a fault', () => fuzzTheWebhooks(500))
