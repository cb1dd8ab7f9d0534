import { Code, ConnectError } from '@connectrpc/connect'
import { compressionBrotli, compressionGzip } from '@connectrpc/connect-node'

type Compression = typeof compressionGzip

/** connect-es takes a compressed message that ends early for a fault of the server. */
function blamingTheSender(compression: Compression): Compression {
  return {
    ...compression,
    decompress: async (bytes, readMaxBytes) => {
      try {
        return await compression.decompress(bytes, readMaxBytes)
      } catch (cause) {
        if (cause instanceof ConnectError && cause.code !== Code.Internal) throw cause
        const message = `the message is not valid ${compression.name}`
        throw new ConnectError(message, Code.InvalidArgument, undefined, undefined, cause)
      }
    },
  }
}

/** The encodings of messages that are read and written. */
export const compressions = [compressionGzip, compressionBrotli].map(blamingTheSender)
