// An operator with a chain, a device with a decryption key, an envelope, and the stock xmlsec1 command to judge them.
#pragma once
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "crypto/keys.hpp"
#include "pki/issuer.hpp"
#include "tests/support/deterministic.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temporary_directory.hpp"
#include "xml/security_encryption.hpp"
#include "xml/security_signature.hpp"

namespace tf::xml::test {

using tf::test::must;

inline constexpr std::string_view kSpace = "urn:trustferry:onboard:1";
inline constexpr Name kEnvelope{kSpace, "Envelope"};
inline const Expected kExpected{.root = kEnvelope, .id = "envelope", .limits = {.bytes = 32 * 1024, .depth = 16, .nodes = 500}};

// The chain as a signer shows it, with what only the test sees.
struct Operator {
  pki::Certificate root;
  std::vector<pki::Certificate> chain;
  crypto::PrivateKey key;
  [[nodiscard]] Signer signer() const;
};
const Operator& p256_operator();
const Operator& rsa_operator();
const crypto::PrivateKey& device_key();  // RSA-2048

// The key of the leaf, when the chain is this operator's.
SignatureKey key_of(const Operator& op);

// <Envelope Id="envelope"><Header>…</Header>, with a Credential, plain or encrypted to the device.
Document envelope(bool encrypted);
std::string signed_envelope(const Operator& op, bool encrypted = true);
Result<Verified> verify_text(std::string_view text, const Operator& op = p256_operator());
// The text with the first `from` replaced; aborts when it is not there.
std::string with(std::string text, std::string_view from, std::string_view to);
// What stands from the beginning of `from` to the end of `to`.
std::string part(const std::string& text, std::string_view from, std::string_view to);

// Works in a directory of its own.
class XmlSec {
 public:
  [[nodiscard]] std::string path(std::string_view name) const { return directory_.file(name); }
  void write(std::string_view name, std::string_view text) const;
  void write_key(std::string_view name, const crypto::PrivateKey& key) const;
  [[nodiscard]] std::string read(std::string_view name) const;
  [[nodiscard]] tf::test::Finished run(std::vector<std::string> words) const;

 private:
  tf::test::TemporaryDirectory directory_;
};

}  // namespace tf::xml::test
