// What payment does with keys of the vault, and the rows that keep account numbers.
#include <fmt/format.h>

#include <algorithm>

#include "crypto/aead.hpp"
#include "crypto/banking/pin_block.hpp"
#include "crypto/digest.hpp"
#include "vault/software/rows.hpp"
#include "vault/software/software_vault.hpp"
#include "vault/software/unsealed.hpp"

namespace tf::vault {
namespace {

using software::open_row;
using software::wrong_purpose;

const Error kBadPinBlock{Code::refused, "vault.pin_block", "the PIN block does not open"};

Result<SecretBytes> open_data(const software::Unsealed& vault, const Wrapped& record, const RowId& row) {
  const software::Kek* kek = vault.find(record.kek);
  if (kek == nullptr)
    return Error{Code::not_found, "vault.no_such_kek", "the row is wrapped under a KEK this vault has not"};
  auto opened = crypto::open_blob(kek->key, record_aad(kek->id, row), record.blob);
  if (!opened)
    return Error{Code::integrity, "vault.row", fmt::format("the data in {} {} do not open: altered or moved", row.table, row.id)};
  return opened;
}

Wrapped seal_data(const software::Unsealed& vault, Random& random, const SecretBytes& plaintext, const RowId& row) {
  const software::Kek& kek = vault.newest();
  return {kek.id, crypto::seal_blob(kek.key, random, record_aad(kek.id, row), plaintext.reveal())};
}

}  // namespace

Result<Bytes> SoftwareVault::translate_pin(const WrappedRef& from, ByteView block, const SecretBytes& pan,
                                           const WrappedRef& to) const {
  const Snapshot vault = TF_TRY(snapshot());
  if (from.spec.purpose != SymmetricPurpose::pin) return wrong_purpose(from.spec);
  if (to.spec.purpose != SymmetricPurpose::zone_pin) return wrong_purpose(to.spec);
  const SecretBytes session_key = TF_TRY(open_row(*vault, from));
  const SecretBytes zone_key = TF_TRY(open_row(*vault, to));
  const auto pin = crypto::open_pin_block_4(session_key, block, pan);
  if (!pin) return kBadPinBlock;
  return to.spec.algorithm == SymmetricAlgorithm::tdes ? crypto::pin_block_0(zone_key, *pin, pan)
                                                       : crypto::pin_block_4(zone_key, *pin, pan, random_);
}

Result<ByteArray<8>> SoftwareVault::zone_mac(const WrappedRef& key, ByteView data, crypto::MacPadding padding) const {
  const Snapshot vault = TF_TRY(snapshot());
  if (key.spec.purpose != SymmetricPurpose::zone_mac) return wrong_purpose(key.spec);
  const SecretBytes opened = TF_TRY(open_row(*vault, key));
  if (key.spec.algorithm == SymmetricAlgorithm::tdes) return crypto::retail_mac(opened.reveal(), data, padding);
  const Bytes whole = TF_TRY(crypto::cmac(crypto::BlockCipher::aes, opened.reveal(), data));
  ByteArray<8> out;
  std::copy_n(whole.begin(), out.size(), out.begin());
  return out;
}

Status SoftwareVault::verify_zone_mac(const WrappedRef& key, ByteView data, crypto::MacPadding padding, ByteView mac) const {
  const ByteArray<8> right = TF_TRY(zone_mac(key, data, padding));
  if (equal_in_constant_time(right, mac)) return {};
  return Error{Code::refused, "vault.mac", "the MAC is not that of the message"};
}

Result<Hash256> SoftwareVault::fingerprint(const WrappedRef& key, ByteView data) const {
  const Snapshot vault = TF_TRY(snapshot());
  if (key.spec.purpose != SymmetricPurpose::fingerprint) return wrong_purpose(key.spec);
  const SecretBytes opened = TF_TRY(open_row(*vault, key));
  return crypto::hmac_sha256(opened.reveal(), data);
}

Result<Wrapped> SoftwareVault::seal_record(const SecretBytes& plaintext, const RowId& row) const {
  const Snapshot vault = TF_TRY(snapshot());
  if (plaintext.empty() || plaintext.size() > kMaxRecord)
    return Error{Code::invalid, "vault.record_size", fmt::format("a data row holds 1 to {} bytes", kMaxRecord)};
  return seal_data(*vault, random_, plaintext, row);
}

Result<SecretBytes> SoftwareVault::open_record(const Wrapped& record, const RowId& row) const {
  const Snapshot vault = TF_TRY(snapshot());
  return open_data(*vault, record, row);
}

Result<Wrapped> SoftwareVault::rewrap_record(const Wrapped& record, const RowId& row) const {
  const Snapshot vault = TF_TRY(snapshot());
  return seal_data(*vault, random_, TF_TRY(open_data(*vault, record, row)), row);
}

}  // namespace tf::vault
