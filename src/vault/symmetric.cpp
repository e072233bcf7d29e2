#include "vault/symmetric.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "crypto/banking/key_check_value.hpp"
#include "crypto/digest.hpp"
#include "wire/encoding.hpp"
#include "wire/fields.hpp"

namespace tf::vault {
namespace {

constexpr std::array kAlgorithms = {SymmetricAlgorithm::tdes, SymmetricAlgorithm::aes, SymmetricAlgorithm::hmac};
constexpr std::array kPurposes = {SymmetricPurpose::diversify, SymmetricPurpose::key_encryption, SymmetricPurpose::data,
                                  SymmetricPurpose::zone,      SymmetricPurpose::derive,         SymmetricPurpose::component,
                                  SymmetricPurpose::pin,       SymmetricPurpose::zone_pin,       SymmetricPurpose::zone_mac,
                                  SymmetricPurpose::subscription, SymmetricPurpose::fingerprint};

crypto::BlockCipher cipher_of(SymmetricAlgorithm algorithm) {
  return algorithm == SymmetricAlgorithm::tdes ? crypto::BlockCipher::tdes : crypto::BlockCipher::aes;
}

// Purposes with one algorithm, or with sizes of their own.
bool exists_for_payment(const SymmetricSpec& spec) {
  const bool aes = spec.algorithm == SymmetricAlgorithm::aes;
  const bool tdes = spec.algorithm == SymmetricAlgorithm::tdes;
  if (spec.purpose == SymmetricPurpose::pin) return aes && (spec.size == 16 || spec.size == 32);
  if (spec.purpose == SymmetricPurpose::fingerprint) return spec.algorithm == SymmetricAlgorithm::hmac && spec.size == 32;
  if (spec.purpose == SymmetricPurpose::zone_mac && tdes) return spec.size == 16;
  return (aes || tdes) && crypto::valid_key_size(cipher_of(spec.algorithm), spec.size);
}

bool for_payment(SymmetricPurpose purpose) {
  return purpose == SymmetricPurpose::pin || purpose == SymmetricPurpose::zone_pin || purpose == SymmetricPurpose::zone_mac ||
         purpose == SymmetricPurpose::fingerprint;
}

bool exists(const SymmetricSpec& spec) {
  if (for_payment(spec.purpose)) return exists_for_payment(spec);
  if (spec.purpose == SymmetricPurpose::subscription) return spec == subscription_spec(crypto::AkaAlgorithm::milenage) || spec == subscription_spec(crypto::AkaAlgorithm::tuak);
  const bool component = spec.purpose == SymmetricPurpose::component;
  const bool diversify = spec.purpose == SymmetricPurpose::diversify;
  if (spec.purpose == SymmetricPurpose::derive)
    return spec.algorithm == SymmetricAlgorithm::hmac && (spec.size == 16 || spec.size == 32);
  switch (spec.algorithm) {
    case SymmetricAlgorithm::hmac:
      return spec.size == 32 && (diversify || component);
    case SymmetricAlgorithm::tdes:
      return spec.size == 24 || (spec.size == 16 && !diversify);
    case SymmetricAlgorithm::aes:
      return crypto::valid_key_size(crypto::BlockCipher::aes, spec.size) && !diversify;
  }
  return false;
}

// Bits of security, SP 800-57 part 1, table 2; two-key TDEA as PCI PIN counts it.
int strength(SymmetricAlgorithm algorithm, std::size_t size) {
  if (algorithm == SymmetricAlgorithm::tdes) return size == 16 ? 80 : 112;
  return static_cast<int>(size) * 8;
}

bool travels(SymmetricPurpose purpose) {
  switch (purpose) {
    case SymmetricPurpose::key_encryption:
    case SymmetricPurpose::data:
    case SymmetricPurpose::zone:
    case SymmetricPurpose::zone_pin:
    case SymmetricPurpose::zone_mac:
      return true;
    default:
      return false;
  }
}

// X9.143 table 6: what a key of this purpose may be called. A ZAK's usage fixes the MAC: M3 is ISO 9797-1 algorithm 3,
// M6 is CMAC.
bool usage_fits(std::string_view usage, const SymmetricSpec& spec) {
  if (spec.purpose == SymmetricPurpose::zone_pin) return usage == "P0";
  if (spec.purpose == SymmetricPurpose::zone_mac) return usage == (spec.algorithm == SymmetricAlgorithm::tdes ? "M3" : "M6");
  constexpr std::array kWrapping = {"K0", "K1", "K4"};
  constexpr std::array kWorking = {"P0", "D0", "M0", "M1", "M3", "M5", "M6"};
  const auto is = [&](const char* known) { return usage == known; };
  return spec.purpose == SymmetricPurpose::data ? std::ranges::any_of(kWorking, is) : std::ranges::any_of(kWrapping, is);
}

// X9.143 table 8: a ZPK encrypts here (B, E), a ZAK makes MACs and verifies them (C); N leaves it open.
bool mode_fits(char mode, SymmetricPurpose purpose) {
  if (purpose == SymmetricPurpose::zone_pin) return mode == 'B' || mode == 'E' || mode == 'N';
  if (purpose == SymmetricPurpose::zone_mac) return mode == 'C' || mode == 'N';
  return true;
}

}  // namespace

std::string_view name_of(SymmetricAlgorithm algorithm) {
  switch (algorithm) {
    case SymmetricAlgorithm::tdes:
      return "tdes";
    case SymmetricAlgorithm::aes:
      return "aes";
    case SymmetricAlgorithm::hmac:
      return "hmac";
  }
  return "";
}

std::string_view name_of(SymmetricPurpose purpose) {
  switch (purpose) {
    case SymmetricPurpose::diversify:
      return "diversify";
    case SymmetricPurpose::key_encryption:
      return "key_encryption";
    case SymmetricPurpose::data:
      return "data";
    case SymmetricPurpose::zone:
      return "zone";
    case SymmetricPurpose::derive:
      return "derive";
    case SymmetricPurpose::component:
      return "component";
    case SymmetricPurpose::pin:
      return "pin";
    case SymmetricPurpose::zone_pin:
      return "zone_pin";
    case SymmetricPurpose::zone_mac:
      return "zone_mac";
    case SymmetricPurpose::subscription:
      return "subscription";
    case SymmetricPurpose::fingerprint:
      return "fingerprint";
  }
  return "";
}

Result<SymmetricAlgorithm> parse_symmetric_algorithm(std::string_view name) {
  for (const auto known : kAlgorithms)
    if (name == name_of(known)) return known;
  return Error{Code::integrity, "vault.spec", "a stored key has an unknown algorithm"};
}

Result<SymmetricPurpose> parse_symmetric_purpose(std::string_view name) {
  for (const auto known : kPurposes)
    if (name == name_of(known)) return known;
  return Error{Code::integrity, "vault.spec", "a stored key has an unknown purpose"};
}

SymmetricSpec subscription_spec(crypto::AkaAlgorithm algorithm) {
  const bool hashes = algorithm == crypto::AkaAlgorithm::tuak;
  return {hashes ? SymmetricAlgorithm::hmac : SymmetricAlgorithm::aes, crypto::aka_key_size(algorithm), SymmetricPurpose::subscription};
}

Status check_spec(const SymmetricSpec& spec) {
  if (exists(spec)) return {};
  return Error{Code::invalid, "vault.spec",
               fmt::format("no {} key of {} bytes for {}", name_of(spec.algorithm), spec.size, name_of(spec.purpose))};
}

Status admit(const SymmetricSpec& spec, SecretBytes& key) {
  TF_CHECK(check_spec(spec));
  if (key.size() != spec.size)
    return Error{Code::invalid, "vault.key_size", fmt::format("the key has {} bytes, not {}", key.size(), spec.size)};
  const SecretBytes zero(key.size());
  const bool bad = key == zero ||
                   (spec.algorithm == SymmetricAlgorithm::tdes && crypto::is_degenerate(key.reveal()));
  if (bad) return Error{Code::refused, "vault.degenerate_key", "the key is all zero, or parts of a TDES key are equal"};
  if (spec.algorithm == SymmetricAlgorithm::tdes && spec.purpose != SymmetricPurpose::component)
    crypto::set_odd_parity(key.reveal_mutable());
  return {};
}

Result<std::string> check_value(const SymmetricSpec& spec, ByteView key) {
  if (spec.algorithm != SymmetricAlgorithm::hmac) return crypto::key_check_value(cipher_of(spec.algorithm), key);
  return wire::hex_upper(ByteView(crypto::hmac_sha256(key, as_bytes("trustferry kcv"))).first(3));
}

Bytes row_aad(std::string_view kek, const SymmetricSpec& spec, const RowId& row) {
  wire::FieldWriter writer;
  writer.field("trustferry vault row v1").field(kek).field(row.table).field(row.id);
  writer.number(static_cast<std::uint64_t>(row.version)).field(name_of(spec.algorithm));
  return writer.number(spec.size).field(name_of(spec.purpose)).take();
}

Bytes record_aad(std::string_view kek, const RowId& row) {
  wire::FieldWriter writer;
  writer.field("trustferry vault record v1").field(kek).field(row.table).field(row.id);
  return writer.number(static_cast<std::uint64_t>(row.version)).take();
}

Status check_block_version(const crypto::KeyBlockHeader& header, SymmetricAlgorithm kbpk) {
  const bool fits =
      kbpk == SymmetricAlgorithm::aes ? header.version == 'D' : header.version >= 'A' && header.version <= 'C';
  if (fits && kbpk != SymmetricAlgorithm::hmac) return {};
  return Error{Code::invalid, "vault.block_version", "a KBPK of that cipher does not make that version of block"};
}

Status check_block_header(const crypto::KeyBlockHeader& header, const SymmetricSpec& spec) {
  if (!travels(spec.purpose))
    return Error{Code::refused, "vault.wrong_purpose",
                 fmt::format("a {} key does not travel in key blocks", name_of(spec.purpose))};
  if (header.algorithm != (spec.algorithm == SymmetricAlgorithm::tdes ? 'T' : 'A'))
    return Error{Code::refused, "vault.wrong_algorithm", "the header names another algorithm than the key's record"};
  if (!usage_fits(header.usage, spec))
    return Error{Code::refused, "vault.wrong_usage",
                 fmt::format("a {} key has no such usage in a key block", name_of(spec.purpose))};
  if (!mode_fits(header.mode, spec.purpose))
    return Error{Code::refused, "vault.wrong_mode",
                 fmt::format("the block does not allow what a {} key is for", name_of(spec.purpose))};
  return {};
}

Status check_strength(const SymmetricSpec& key, SymmetricAlgorithm kbpk, std::size_t kbpk_size) {
  if (strength(key.algorithm, key.size) <= strength(kbpk, kbpk_size)) return {};
  return Error{Code::refused, "vault.weak_kbpk", "the key is stronger than the key that would protect it"};
}

}  // namespace tf::vault
