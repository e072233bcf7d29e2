// Whole small files: read with a cap, replaced atomically. Errors name the path and what the system said.
#pragma once
#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

namespace tf {

// Code::not_found "base.no_file", Code::unavailable "base.file_read", Code::malformed "base.file_too_large".
Result<Bytes> read_file(const std::string& path, std::size_t max_size);
// The same for keys: no copy of the content outlives the result.
Result<SecretBytes> read_secret_file(const std::string& path, std::size_t max_size);

// After success the file has the new content and mode, durably; after a failure, or a crash at any moment, it has the
// old content or the new. A symbolic link at path is replaced, not followed. Code::unavailable "base.file_write".
Status write_file_atomic(const std::string& path, ByteView bytes, unsigned mode);
// For private keys: readable by the owner alone.
inline Status write_private_file(const std::string& path, ByteView bytes) {
  return write_file_atomic(path, bytes, 0600);
}

}  // namespace tf
