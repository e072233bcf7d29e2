// What arrives as a signed envelope: the verifier, and the reader of encrypted data. The key that made the seeds is known: what verifies
// must be what one of them says.
#include <cstdlib>

#include "crypto/public_key_file.hpp"
#include "xml/security_encryption.hpp"
#include "xml/security_signature.hpp"

using namespace tf;

namespace {

constexpr xml::Name kEnvelope{"urn:trustferry:onboard:1", "Envelope"};
const xml::Expected kExpected{.root = kEnvelope, .id = "envelope", .limits = {.bytes = 32 * 1024, .depth = 16, .nodes = 500}};

// Of a private key that nobody kept (seeds.cpp).
constexpr const char* kSigner = R"(-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEV1F9V5k5Ci8WNKQpcNQ0/ArqXwx8
iMZp/CjbByxFtjzTu+92F8hWdicuhAmTN1prd++7qZvnIvn25lblIv7f/A==
-----END PUBLIC KEY-----
)";

Result<crypto::PublicKey> signer(const std::vector<Bytes>&) {
  static const auto key = crypto::public_key_from_pem(kSigner);
  if (!key) std::abort();
  return *key;
}

// A verified document is the one of the seeds: root, device, and no Signature left in it.
void check(const xml::Document& document) {
  const xml::Element root = document.root();
  if (!root.is(kEnvelope) || root.attribute({"", "Id"}) != "envelope") std::abort();
  const auto header = root.child({kEnvelope.space, "Header"});
  const auto device = header ? header->child({kEnvelope.space, "Device"}) : Result<xml::Element>(header.error());
  const auto text = device ? device->text() : Result<std::string>(device.error());
  if (!text || *text != "DSIM-0001") std::abort();
  if (!root.children({"http://www.w3.org/2000/09/xmldsig#", "Signature"}).empty()) std::abort();
}

void check_encrypted(const xml::Element& element) {
  const auto parts = xml::encrypted_parts(element);
  if (parts && (parts->iv.size() != 12 || parts->tag.size() != 16 || parts->wrapped_key.empty())) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  if (const auto verified = xml::verify(input, kExpected, signer)) check(verified->document);
  if (const auto document = xml::Document::parse(input, kExpected.limits)) {
    check_encrypted(document->root());
    for (const xml::Element& child : document->root().children()) check_encrypted(child);
  }
  return 0;
}
