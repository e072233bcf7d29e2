#include "module/software/software_module.hpp"

#include "crypto/aead.hpp"
#include "crypto/digest.hpp"
#include "crypto/jose/rs256.hpp"
#include "crypto/oaep_mgf1p.hpp"
#include "module/kept.hpp"
#include "wire/fields.hpp"

namespace tf::module::software {
namespace {

constexpr std::string_view kKind = "software";
constexpr std::string_view kKeysLabel = "trustferry/module/keys";
constexpr std::string_view kSealLabel = "trustferry/module/seal";
constexpr std::string_view kStateLabel = "trustferry/module/state";
constexpr int kRsaBits = 2048;
constexpr std::size_t kMaxPkcs8 = 4096;

Secret<32> derived(const Settings& settings, std::string_view label, std::string_view dsim_id) {
  const Secret<32> prk = crypto::hkdf_extract(as_bytes("trustferry/module"), settings.storage_key.reveal());
  return crypto::hkdf_expand<32>(prk, label, as_bytes(dsim_id));
}

class SoftwareChip final : public Chip {
 public:
  SoftwareChip(crypto::PrivateKey sign, crypto::PrivateKey decrypt, Secret<32> sealing, Random& random)
      : sign_(std::move(sign)), decrypt_(std::move(decrypt)), sealing_(std::move(sealing)), random_(random) {}

  [[nodiscard]] crypto::PublicKey public_key(Key key) const override { return (key == Key::sign ? sign_ : decrypt_).public_key(); }
  Result<crypto::Es256Signature> sign(ByteView message) override { return crypto::sign_es256(sign_, message); }
  Result<Bytes> sign_own_request(ByteView to_be_signed) override { return crypto::sign_rs256(decrypt_, to_be_signed); }
  Result<SecretBytes> unwrap(Oaep oaep, ByteView wrapped) override {
    return oaep == Oaep::sha1 ? crypto::oaep_mgf1p_decrypt(decrypt_, wrapped) : crypto::oaep_decrypt(decrypt_, wrapped);
  }
  Result<Bytes> seal(const SecretBytes& secret) override { return crypto::seal_blob(sealing_, random_, as_bytes(kSealLabel), secret.reveal()); }
  Result<SecretBytes> unseal(ByteView sealed) override {
    auto opened = crypto::open_blob(sealing_, as_bytes(kSealLabel), sealed);
    if (!opened) return Error{Code::integrity, "module.state", "a sealed secret was altered"};
    return opened;
  }
  [[nodiscard]] bool counts() const override { return false; }
  Result<std::uint64_t> counter() override { return std::uint64_t{0}; }
  Result<std::uint64_t> advance() override { return std::uint64_t{0}; }

 private:
  crypto::PrivateKey sign_;
  crypto::PrivateKey decrypt_;
  Secret<32> sealing_;
  Random& random_;
};

Bytes keys_aad(std::string_view dsim_id) { return wire::FieldWriter().field(kKeysLabel).field(dsim_id).take(); }

struct Keys {
  crypto::PrivateKey sign;
  crypto::PrivateKey decrypt;
};

Bytes seal_keys(const Settings& settings, std::string_view dsim_id, const Keys& keys, Random& random) {
  Bytes bytes = wire::FieldWriter().field(keys.sign.to_pkcs8().reveal()).field(keys.decrypt.to_pkcs8().reveal()).take();
  Bytes sealed = crypto::seal_blob(derived(settings, kKeysLabel, dsim_id), random, keys_aad(dsim_id), bytes);
  wipe(bytes.data(), bytes.size());
  return sealed;
}

Result<Keys> open_keys(const Settings& settings, std::string_view dsim_id, ByteView sealed) {
  const auto plain = crypto::open_blob(derived(settings, kKeysLabel, dsim_id), keys_aad(dsim_id), sealed);
  if (!plain) return Error{Code::integrity, "module.state", std::string(dsim_id) + " was altered or is sealed under another key"};
  wire::FieldReader in(plain->reveal());
  const SecretBytes sign{TF_TRY(in.field(kMaxPkcs8))};
  const SecretBytes decrypt{TF_TRY(in.field(kMaxPkcs8))};
  TF_CHECK(in.finish());
  return Keys{TF_TRY(crypto::PrivateKey::from_pkcs8(sign)), TF_TRY(crypto::PrivateKey::from_pkcs8(decrypt))};
}

std::unique_ptr<Chip> chip_of(const Settings& settings, std::string_view dsim_id, Keys keys, Random& random) {
  return std::make_unique<SoftwareChip>(std::move(keys.sign), std::move(keys.decrypt), derived(settings, kSealLabel, dsim_id), random);
}

StateFile file_of(const Settings& settings, std::string_view dsim_id, Bytes sealed_keys, Random& random) {
  return {StateFile::path_of(settings.directory, dsim_id), std::string(dsim_id), std::string(kKind), std::move(sealed_keys),
          derived(settings, kStateLabel, dsim_id), random};
}

}  // namespace

Result<std::unique_ptr<SecureModule>> create(const Settings& settings, std::string_view dsim_id, Random& random) {
  OpenLock lock = TF_TRY(lock_for_new(settings.directory, dsim_id));
  Keys keys{crypto::PrivateKey::generate_p256(), crypto::PrivateKey::generate_rsa(kRsaBits)};
  StateFile file = file_of(settings, dsim_id, seal_keys(settings, dsim_id, keys, random), random);
  return KeptModule::create(chip_of(settings, dsim_id, std::move(keys), random), std::move(file), std::move(lock));
}

Result<std::unique_ptr<SecureModule>> open(const Settings& settings, std::string_view dsim_id, Random& random) {
  OpenLock lock = TF_TRY(lock_for_existing(settings.directory, dsim_id));
  const StateFile::Outside outside = TF_TRY(StateFile::read(settings.directory, dsim_id, kKind));
  Keys keys = TF_TRY(open_keys(settings, dsim_id, outside.chip));
  StateFile file = file_of(settings, dsim_id, outside.chip, random);
  return KeptModule::open(chip_of(settings, dsim_id, std::move(keys), random), std::move(file), std::move(lock), outside.sealed);
}

Status remove(const Settings& settings, std::string_view dsim_id) {
  const OpenLock lock = TF_TRY(lock_for_existing(settings.directory, dsim_id));
  (void)TF_TRY(StateFile::read(settings.directory, dsim_id, kKind));
  return StateFile::remove(settings.directory, dsim_id);
}

}  // namespace tf::module::software
