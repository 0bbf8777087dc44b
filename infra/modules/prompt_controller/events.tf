# Events to other systems: the controller puts them on one bus, and keeps in an object how far it has come.

locals {
  event_bus_arn      = local.event_bus_name == null ? null : "arn:${data.aws_partition.current.partition}:events:${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}:event-bus/${local.event_bus_name}"
  event_position_key = "events/position.json"
}

# Created here, so that the bucket can be destroyed with it. Only the controller changes it.
resource "aws_s3_object" "event_position" {
  count = local.event_bus_name == null ? 0 : 1

  bucket       = aws_s3_bucket.sources.id
  key          = local.event_position_key
  content      = "null"
  content_type = "application/json"

  lifecycle {
    ignore_changes = [content]
  }

  depends_on = [aws_s3_bucket_server_side_encryption_configuration.sources]
}
