// The stock commands beside the module: openssl encrypts to it, tpm2-tools load its wrapped key and decrypt the same.
#include "base/file.hpp"
#include "crypto/digest.hpp"
#include "crypto/oaep_mgf1p.hpp"
#include "module/state.hpp"
#include "module/tpm/objects.hpp"
#include "tests/module/tpm_support.hpp"
#include "tests/support/local.hpp"

namespace tf::module::test {
namespace {

constexpr std::string_view kPlain = "a content key of thirty-two byte";

TEST(TpmTools, openssl_encrypts_to_the_module) {
  TpmUnderTest under_test;
  auto module = must(under_test.create(kId));
  const Directory files;
  const std::string path = files.path();
  const Bytes spki = module->public_key(Key::decrypt).spki();
  tf::test::write_text(path + "/key.der", as_text(spki));
  tf::test::write_text(path + "/cek", kPlain);
  for (const auto& [oaep, hash] : {std::pair(Oaep::sha1, "sha1"), std::pair(Oaep::sha256, "sha256")}) {
    const auto made = tf::test::run({"openssl", "pkeyutl", "-encrypt", "-pubin", "-keyform", "DER", "-inkey", path + "/key.der", "-in", path + "/cek", "-out",
                                     path + "/wrapped", "-pkeyopt", "rsa_padding_mode:oaep", "-pkeyopt", std::string("rsa_oaep_md:") + hash, "-pkeyopt",
                                     std::string("rsa_mgf1_md:") + hash});
    ASSERT_EQ(made.exit_code, 0) << made.err;
    EXPECT_EQ(as_text(must(module->unwrap(oaep, as_bytes(tf::test::read_text(path + "/wrapped")))).reveal()), kPlain) << hash;
  }
}

// What is on disk are a TPM's own wrapped objects, and they open with the authorisation alone.
TEST(TpmTools, tpm2_tools_load_the_wrapped_key_and_decrypt_the_same) {
  SwTpm tpm;
  TpmUnderTest under_test(tpm);
  auto module = must(under_test.create(kId));
  const Bytes wrapped = must(crypto::oaep_mgf1p_encrypt(module->public_key(Key::decrypt), as_bytes(kPlain)));
  EXPECT_EQ(as_text(must(module->unwrap(Oaep::sha1, wrapped)).reveal()), kPlain);
  module.reset();

  const auto outside = must(StateFile::read(under_test.directory.path(), kId, "tpm"));
  wire::FieldReader in(outside.chip);
  (void)must(in.field(64));                          // the primary's name
  for (int i = 0; i < 2; ++i) (void)must(in.field(2048));  // the signing key
  const Directory files;
  const std::string path = files.path();
  tf::test::write_text(path + "/key.pub", as_text(must(in.field(2048))));
  tf::test::write_text(path + "/key.priv", as_text(must(in.field(2048))));
  tf::test::write_text(path + "/wrapped", as_text(wrapped));
  const auto step = [&](std::vector<std::string> words) {
    const auto done = tpm.tool(std::move(words));
    (void)tpm.tool({"tpm2_flushcontext", "-t"});
    return done;
  };
  const auto primary = step({"tpm2_createprimary", "-Q", "-C", "o", "-G", "ecc256:aes128cfb", "-c", path + "/primary", "-a",
                             "fixedtpm|fixedparent|sensitivedataorigin|userwithauth|noda|restricted|decrypt"});
  ASSERT_EQ(primary.exit_code, 0) << primary.err;
  const auto loaded = step({"tpm2_load", "-Q", "-C", path + "/primary", "-u", path + "/key.pub", "-r", path + "/key.priv", "-c", path + "/key"});
  ASSERT_EQ(loaded.exit_code, 0) << loaded.err;
  const Secret<32> prk = crypto::hkdf_extract(as_bytes("trustferry/module"), ByteArray<32>(under_test.kStorageKey));
  const Secret<32> auth = crypto::hkdf_expand<32>(prk, "trustferry/module/tpm", as_bytes(kId));
  const auto decrypt = [&](const std::string& authorisation) {
    return step({"tpm2_rsadecrypt", "-c", path + "/key", "-p", authorisation, "-s", "oaep-sha1", "-o", path + "/plain", path + "/wrapped"});
  };
  EXPECT_NE(decrypt("").exit_code, 0);
  EXPECT_NE(decrypt("hex:" + std::string(64, '1')).exit_code, 0);
  const auto right = decrypt("hex:" + wire::hex_lower(auth.reveal()));
  ASSERT_EQ(right.exit_code, 0) << right.err;
  EXPECT_EQ(tf::test::read_text(path + "/plain"), kPlain);
}

}  // namespace
}  // namespace tf::module::test
