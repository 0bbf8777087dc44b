/** The part of the AWS SDK that a signature needs, so that bundles contain no more of it. */
export { KMSClient, SignCommand } from '@aws-sdk/client-kms'
