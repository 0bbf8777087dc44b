/** The used exports of the package, so that a bundle has no others although it loads late. */
export { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
