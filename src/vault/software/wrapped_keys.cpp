// Using the wrapped symmetric keys: open the row, one primitive, wipe.
#include <fmt/format.h>

#include <algorithm>

#include "crypto/aead.hpp"
#include "crypto/digest.hpp"
#include "vault/software/rows.hpp"
#include "vault/software/software_vault.hpp"
#include "vault/software/unsealed.hpp"

namespace tf::vault {

Result<SecretBytes> software::open_row(const Unsealed& vault, const WrappedRef& key) {
  const Kek* kek = vault.find(key.wrapped.kek);
  if (kek == nullptr)
    return Error{Code::not_found, "vault.no_such_kek", "the row is wrapped under a KEK this vault has not"};
  auto opened = crypto::open_blob(kek->key, row_aad(kek->id, key.spec, key.row), key.wrapped.blob);
  if (!opened || opened->size() != key.spec.size)
    return Error{
        Code::integrity, "vault.row",
        fmt::format("the key in {} {} does not open: altered, moved, or its spec changed", key.row.table, key.row.id)};
  return opened;
}

Error software::wrong_purpose(const SymmetricSpec& spec) {
  return {Code::refused, "vault.wrong_purpose",
          fmt::format("a {} key for {} is not used for that", name_of(spec.algorithm), name_of(spec.purpose))};
}

namespace {

using software::open_row;
using software::wrong_purpose;

Wrapped wrap_row(const software::Unsealed& vault, Random& random, const SecretBytes& key, const SymmetricSpec& spec,
                 const RowId& row) {
  const software::Kek& kek = vault.newest();
  return {kek.id, crypto::seal_blob(kek.key, random, row_aad(kek.id, spec, row), key.reveal())};
}

Result<Made> admit_row(const software::Unsealed& vault, Random& random, SecretBytes key, const SymmetricSpec& spec,
                       const RowId& row) {
  TF_CHECK(admit(spec, key));
  return Made{wrap_row(vault, random, key, spec, row), TF_TRY(check_value(spec, key.reveal()))};
}

bool stays(SymmetricPurpose purpose) {
  return purpose == SymmetricPurpose::zone || purpose == SymmetricPurpose::zone_pin || purpose == SymmetricPurpose::zone_mac;
}

Status check_export(const WrappedRef& key, SymmetricAlgorithm kbpk, std::size_t kbpk_size,
                    const crypto::KeyBlockHeader& header) {
  if (stays(key.spec.purpose)) return wrong_purpose(key.spec);
  TF_CHECK(check_block_header(header, key.spec));
  TF_CHECK(check_block_version(header, kbpk));
  return check_strength(key.spec, kbpk, kbpk_size);
}

}  // namespace

Result<Made> SoftwareVault::generate(const SymmetricSpec& spec, const RowId& row) const {
  const Snapshot vault = TF_TRY(snapshot());
  TF_CHECK(check_spec(spec));
  for (;;) {
    SecretBytes key(spec.size);
    random_.fill(key.reveal_mutable());
    auto made = admit_row(*vault, random_, std::move(key), spec, row);
    // A degenerate key by chance is drawn again.
    if (made || std::string_view(made.error().reason) != "vault.degenerate_key") return made;
  }
}

Result<Made> SoftwareVault::wrap(SecretBytes key, const SymmetricSpec& spec, const RowId& row) const {
  return admit_row(*TF_TRY(snapshot()), random_, std::move(key), spec, row);
}

Result<std::string> SoftwareVault::kcv(const WrappedRef& key) const {
  const Snapshot vault = TF_TRY(snapshot());
  return check_value(key.spec, TF_TRY(open_row(*vault, key)).reveal());
}

Result<Secret<32>> SoftwareVault::hmac_sha256(const WrappedRef& key, ByteView data) const {
  const Snapshot vault = TF_TRY(snapshot());
  if (key.spec.purpose != SymmetricPurpose::diversify || key.spec.algorithm != SymmetricAlgorithm::hmac)
    return wrong_purpose(key.spec);
  const SecretBytes opened = TF_TRY(open_row(*vault, key));
  Hash256 mac = crypto::hmac_sha256(opened.reveal(), data);
  Secret<32> out(mac);
  wipe(mac.data(), mac.size());
  return out;
}

Result<Secret<32>> SoftwareVault::hkdf_sha256(const WrappedRef& key, ByteView salt, std::string_view label, ByteView context) const {
  const Snapshot vault = TF_TRY(snapshot());
  if (key.spec.purpose != SymmetricPurpose::derive) return wrong_purpose(key.spec);
  const SecretBytes opened = TF_TRY(open_row(*vault, key));
  return crypto::hkdf_expand<32>(crypto::hkdf_extract(salt, opened.reveal()), label, context);
}

Result<SecretBytes> SoftwareVault::tdes_ecb_encrypt(const WrappedRef& key, ByteView data) const {
  const Snapshot vault = TF_TRY(snapshot());
  if (key.spec.purpose != SymmetricPurpose::diversify || key.spec.algorithm != SymmetricAlgorithm::tdes)
    return wrong_purpose(key.spec);
  const SecretBytes opened = TF_TRY(open_row(*vault, key));
  return crypto::ecb(crypto::BlockCipher::tdes, crypto::Direction::encrypt, opened.reveal(), data);
}

Result<std::string> SoftwareVault::export_block(const WrappedRef& key, const SecretBytes& kbpk,
                                                const crypto::KeyBlockHeader& header) const {
  const Snapshot vault = TF_TRY(snapshot());
  const auto cipher = header.version == 'D' ? SymmetricAlgorithm::aes : SymmetricAlgorithm::tdes;
  TF_CHECK(check_spec({cipher, kbpk.size(), SymmetricPurpose::zone}));
  TF_CHECK(check_export(key, cipher, kbpk.size(), header));
  return crypto::wrap_key_block(kbpk.reveal(), header, TF_TRY(open_row(*vault, key)), random_);
}

Result<std::string> SoftwareVault::export_block(const WrappedRef& key, const WrappedRef& kbpk,
                                                const crypto::KeyBlockHeader& header) const {
  const Snapshot vault = TF_TRY(snapshot());
  if (kbpk.spec.purpose != SymmetricPurpose::zone && kbpk.spec.purpose != SymmetricPurpose::key_encryption)
    return wrong_purpose(kbpk.spec);
  TF_CHECK(check_export(key, kbpk.spec.algorithm, kbpk.spec.size, header));
  const SecretBytes protecting = TF_TRY(open_row(*vault, kbpk));
  return crypto::wrap_key_block(protecting.reveal(), header, TF_TRY(open_row(*vault, key)), random_);
}

Result<Imported> SoftwareVault::import_block(std::string_view block, const WrappedRef& zone, const SymmetricSpec& spec,
                                             const RowId& row) const {
  const Snapshot vault = TF_TRY(snapshot());
  TF_CHECK(check_spec(spec));
  if (zone.spec.purpose != SymmetricPurpose::zone) return wrong_purpose(zone.spec);
  const crypto::KeyBlockHeader claimed = TF_TRY(crypto::read_key_block_header(block));
  TF_CHECK(check_block_version(claimed, zone.spec.algorithm));
  TF_CHECK(check_block_header(claimed, spec));
  TF_CHECK(check_strength(spec, zone.spec.algorithm, zone.spec.size));
  crypto::KeyBlock opened = TF_TRY(crypto::unwrap_key_block(TF_TRY(open_row(*vault, zone)).reveal(), block));
  Made made = TF_TRY(admit_row(*vault, random_, std::move(opened.key), spec, row));
  return Imported{std::move(made.wrapped), std::move(opened.header), std::move(made.kcv)};
}

Result<Made> SoftwareVault::combine(const std::vector<WrappedRef>& components, const SymmetricSpec& spec,
                                    const RowId& row) const {
  const Snapshot vault = TF_TRY(snapshot());
  TF_CHECK(check_spec(spec));
  if (spec.purpose == SymmetricPurpose::component || components.size() < 2)
    return Error{Code::invalid, "vault.components", "a key is made of two or more components"};
  SecretBytes sum(spec.size);
  for (auto part = components.begin(); part != components.end(); ++part) {
    if (part->spec.purpose != SymmetricPurpose::component) return wrong_purpose(part->spec);
    if (part->spec.algorithm != spec.algorithm || part->spec.size != spec.size)
      return Error{Code::invalid, "vault.components", "a component is of another algorithm or size than the key"};
    if (std::any_of(components.begin(), part, [&](const WrappedRef& other) { return other.row == part->row; }))
      return Error{Code::invalid, "vault.components", "a component is named twice"};
    const SecretBytes opened = TF_TRY(open_row(*vault, *part));
    std::ranges::transform(sum.reveal(), opened.reveal(), sum.reveal_mutable().begin(), std::bit_xor<std::uint8_t>());
  }
  return admit_row(*vault, random_, std::move(sum), spec, row);
}

Result<std::string> SoftwareVault::seal_to(const WrappedRef& key, const crypto::PublicKey& recipient,
                                           std::string_view typ) const {
  const Snapshot vault = TF_TRY(snapshot());
  if (key.spec.purpose != SymmetricPurpose::diversify) return wrong_purpose(key.spec);
  if (recipient.kind() != crypto::KeyKind::p256)
    return Error{Code::refused, "vault.wrong_kind", "the recipient's key is not on P-256"};
  return crypto::jwe_seal_to(recipient, random_, typ, TF_TRY(open_row(*vault, key)).reveal());
}

Result<Wrapped> SoftwareVault::rewrap(const WrappedRef& key) const {
  const Snapshot vault = TF_TRY(snapshot());
  return wrap_row(*vault, random_, TF_TRY(open_row(*vault, key)), key.spec, key.row);
}

}  // namespace tf::vault
