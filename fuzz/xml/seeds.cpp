// Writes the corpus of fuzz_xml_signature and prints the public key that goes into signature.cpp: xml_seeds FOLDER. The private key is
// forgotten with the process.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "crypto/public_key_file.hpp"
#include "pki/issue.hpp"
#include "xml/security_encryption.hpp"
#include "xml/security_signature.hpp"

using namespace tf;

namespace {

constexpr std::string_view kSpace = "urn:trustferry:onboard:1";

template <class T>
T must(Result<T> result) {
  if (!result) std::abort();
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

xml::Document envelope() {
  xml::Document document = xml::Document::create({kSpace, "Envelope"});
  document.root().set({"", "Id"}, "envelope");
  xml::Element header = document.root().add({kSpace, "Header"});
  header.add({kSpace, "Operator"}, "operator-1");
  header.add({kSpace, "Device"}, "DSIM-0001");
  return document;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  if (at == std::string::npos) std::abort();
  return text.replace(at, from.size(), to);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  SystemRandom random;
  const crypto::PrivateKey key = crypto::PrivateKey::generate_p256();
  const auto certificate = must(pki::make_root("fuzz", key, {1'793'491'200'000, 3650}, random));
  const xml::Signer signer{.kind = crypto::KeyKind::p256, .chain = {certificate.der()}, .sign = [&](ByteView data) -> Result<Bytes> {
                             return to_bytes(TF_TRY(crypto::sign_es256(key, data)));
                           }};
  const auto write = [&](std::string_view name, std::string_view text) { std::ofstream(std::string(argv[1]) + "/" + std::string(name)) << text; };

  xml::Document plain = envelope();
  must(xml::sign(plain, signer));
  const std::string text = must(plain.serialise());
  xml::Document sealed = envelope();
  must(xml::encrypt(sealed.root().add({kSpace, "Credential"}, "secret"), crypto::PrivateKey::generate_rsa(2048).public_key()));
  must(xml::sign(sealed, signer));

  write("plain", text);
  write("sealed", must(sealed.serialise()));
  write("altered", replaced(text, "DSIM-0001", "DSIM-6666"));
  write("unsigned", must(envelope().serialise()));
  const std::string body = text.substr(text.find("<Envelope"));
  write("wrapped", "<Envelope xmlns=\"urn:trustferry:onboard:1\" Id=\"envelope\"><Header><Device>DSIM-6666</Device></Header>" + body + "</Envelope>");
  write("commented", replaced(text, "DSIM-0001", "DSIM-<!--x-->0001"));
  write("doctype", "<!DOCTYPE Envelope [<!ENTITY x \"y\">]>" + body);
  write("xpath", replaced(text, "<Transforms>", "<Transforms><Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xpath-19991116\"><XPath>1</XPath></Transform>"));
  write("object", replaced(text, "</Signature>", "<Object><Manifest/></Object></Signature>"));
  write("hmac", replaced(text, "ecdsa-sha256", "hmac-sha256"));
  std::fputs(crypto::public_key_to_pem(key.public_key()).c_str(), stdout);
  return 0;
}
