// ACP 5.1.0 with signMethod 01: the sorted fields without signature, joined; SHA-256 of that in lower-case hex; over these 64
// characters RSASSA-PKCS1-v1_5 with SHA-256, in base64.
// Errors: Code::malformed "frontends.form" or "acp.answer", Code::refused "acp.signature", "acp.signer", and those of
// pki/path/foreign_path.hpp for the gateway's certificate.
#pragma once
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "frontends/acp/settings.hpp"
#include "frontends/signed_form.hpp"

namespace tf::frontends::acp {

using Sign = std::function<Result<Bytes>(ByteView data)>;

// What is signed: 64 characters.
std::string signed_digest(const Fields& fields);
// With version, encoding, signMethod, certId and signature; empty fields are left out.
Result<Fields> sign_fields(Fields fields, const std::string& cert_id, const Sign& sign);

// Believes fields or does not. Remembers the last certificate that was good, for a minute. Any thread.
class Verifier {
 public:
  explicit Verifier(Trust trust) : trust_(std::move(trust)) {}
  Status verify(const Fields& fields, std::int64_t now_ms);

 private:
  Result<crypto::PublicKey> signer(const std::string& pem, std::int64_t now_ms);

  struct Good {
    std::string pem;
    std::int64_t until_ms;
    crypto::PublicKey key;
  };
  const Trust trust_;
  std::mutex mutex_;
  std::optional<Good> good_;
};

}  // namespace tf::frontends::acp
