/** What is used of the package, so that a bundle holds no more although it is loaded late. */
export { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
