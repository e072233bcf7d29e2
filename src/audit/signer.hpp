// The ports to the key that signs checkpoints. The algorithm belongs to the key, not to the checkpoint.
#pragma once
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace tf::audit {

class Signer {
 public:
  virtual ~Signer() = default;
  virtual Result<Bytes> sign(ByteView message) = 0;  // may take milliseconds: never called inside a batch
  [[nodiscard]] virtual std::string key_id() const = 0;
};

class Verifier {
 public:
  virtual ~Verifier() = default;
  // An Error when the signature is wrong, and when the key is not known or not meant for this.
  virtual Status verify(std::string_view key_id, ByteView message, ByteView signature) = 0;
};

}  // namespace tf::audit
