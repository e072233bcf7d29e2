#include "module/kept.hpp"

#include <algorithm>

#include "module/content.hpp"
#include "pki/request/elsewhere.hpp"

namespace tf::module {
namespace {

constexpr std::size_t index_of(Slot slot) { return slot == Slot::preliminary ? 0 : 1; }
constexpr std::size_t index_of(Key key) { return key == Key::sign ? 0 : 1; }

bool digits(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool well_formed(const Credential& credential) {
  return credential.imsi.size() >= 6 && credential.imsi.size() <= 15 && digits(credential.imsi) && credential.iccid.size() <= 20 &&
         digits(credential.iccid) && credential.note.size() <= kMaxNote;
}

// A credential beside one that is held.
bool same(const Credential& credential, const Held& held, const SecretBytes& held_key) {
  return credential.imsi == held.imsi && credential.iccid == held.iccid && credential.note == held.note && credential.key.octets() == held_key;
}

}  // namespace

std::string_view name_of(Key key) { return key == Key::sign ? "sign" : "decrypt"; }
std::string_view name_of(Slot slot) { return slot == Slot::preliminary ? "preliminary" : "subscription"; }

bool valid_dsim_id(std::string_view id) {
  const auto letter_or_digit = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
  return !id.empty() && id.size() <= 64 && letter_or_digit(id[0]) &&
         std::ranges::all_of(id, [&](char c) { return letter_or_digit(c) || c == '.' || c == '_' || c == ':' || c == '-'; });
}

Result<std::unique_ptr<SecureModule>> KeptModule::create(std::unique_ptr<Chip> chip, StateFile file, OpenLock lock) {
  State state;
  state.generation = TF_TRY(chip->counter());
  TF_CHECK(file.save(state));
  return std::unique_ptr<SecureModule>(new KeptModule(std::move(chip), std::move(file), std::move(lock), std::move(state)));
}

Result<std::unique_ptr<SecureModule>> KeptModule::open(std::unique_ptr<Chip> chip, StateFile file, OpenLock lock, ByteView sealed) {
  State state = TF_TRY(file.open(sealed));
  std::uint64_t counter = TF_TRY(chip->counter());
  if (state.generation == counter + 1) counter = TF_TRY(chip->advance());
  if (state.generation != counter)
    return Error{Code::integrity, "module.rolled_back", file.dsim_id() + ": the file is not the newest that the chip knows of"};
  return std::unique_ptr<SecureModule>(new KeptModule(std::move(chip), std::move(file), std::move(lock), std::move(state)));
}

Status KeptModule::commit(State next) {
  if (in_doubt_) return Error{Code::unavailable, "module.in_doubt", "the chip failed in the middle of a change: open the module again"};
  const bool counts = chip_->counts();
  next.generation = state_.generation + (counts ? 1 : 0);
  TF_CHECK(file_.save(next));
  in_doubt_ = counts;
  if (counts && TF_TRY(chip_->advance()) != next.generation)
    return Error{Code::integrity, "module.rolled_back", "the chip's counter moved without this module"};
  in_doubt_ = false;
  state_ = std::move(next);
  return {};
}

Result<pki::CertificateRequest> KeptModule::request(Key key, std::string_view common_name) {
  const std::lock_guard guard(mutex_);
  return pki::make_request(common_name, chip_->public_key(key), [&](ByteView to_be_signed) -> Result<Bytes> {
    if (key == Key::decrypt) return chip_->sign_own_request(to_be_signed);
    return to_bytes(TF_TRY(chip_->sign(to_be_signed)));
  });
}

Status KeptModule::store_certificates(Key key, const std::vector<pki::Certificate>& chain) {
  const Error wrong{Code::invalid, "module.certificate", "not a certificate for the module's own key, or too many"};
  if (chain.empty() || chain.size() > kMaxChain) return wrong;
  if (TF_TRY(chain[0].public_key()).spki() != chip_->public_key(key).spki()) return wrong;
  const std::lock_guard guard(mutex_);
  State next = state_.clone();
  next.chains[index_of(key)] = chain;
  return commit(std::move(next));
}

std::vector<pki::Certificate> KeptModule::certificates(Key key) const {
  const std::lock_guard guard(mutex_);
  return state_.chains[index_of(key)];
}

Result<crypto::Es256Signature> KeptModule::sign(ByteView message) {
  const std::lock_guard guard(mutex_);
  return chip_->sign(message);
}

// One answer whatever is wrong with it, so that nobody learns of padding.
Result<SecretBytes> KeptModule::unwrap_locked(Oaep oaep, ByteView wrapped) {
  auto key = chip_->unwrap(oaep, wrapped);
  if (!key && key.error().code == Code::refused) return Error{Code::refused, "module.unwrap", "the key does not decrypt"};
  return key;
}

Result<SecretBytes> KeptModule::unwrap(Oaep oaep, ByteView wrapped) {
  const std::lock_guard guard(mutex_);
  return unwrap_locked(oaep, wrapped);
}

Result<SecretBytes> KeptModule::open_locked(const Content& content) {
  return open_content(content, [&](Oaep oaep, ByteView wrapped) { return unwrap_locked(oaep, wrapped); });
}

Result<SecretBytes> KeptModule::open(const Content& content) {
  const std::lock_guard guard(mutex_);
  return open_locked(content);
}

Status KeptModule::store_locked(Slot slot, const Credential& credential) {
  if (!well_formed(credential)) return Error{Code::invalid, "module.credential", "IMSI, ICCID or note are not what they should be"};
  if (const auto& present = state_.slots[index_of(slot)]) {
    const SecretBytes there = TF_TRY(chip_->unseal(present->sealed));
    if (same(credential, *present, there)) return {};
    return Error{Code::conflict, "module.credential_present", std::string("the slot ") + std::string(name_of(slot)) + " holds another credential"};
  }
  Held held;
  held.imsi = credential.imsi;
  held.iccid = credential.iccid;
  held.note = credential.note;
  held.sealed = TF_TRY(chip_->seal(credential.key.octets()));
  State next = state_.clone();
  next.slots[index_of(slot)] = std::move(held);
  next.sequences.try_emplace(crypto::sequence_owner(credential.key));
  if (next.sequences.size() > kMaxCredentials) return Error{Code::conflict, "module.credentials_full", "the module remembers as many credentials as it can"};
  return commit(std::move(next));
}

Status KeptModule::store_credential(Slot slot, Credential credential) {
  const std::lock_guard guard(mutex_);
  return store_locked(slot, credential);
}

Status KeptModule::install(Slot slot, const Content& content, const CredentialReader& reader) {
  const std::lock_guard guard(mutex_);
  const SecretBytes plain = TF_TRY(open_locked(content));
  const Credential credential = TF_TRY(reader(plain.reveal()));
  return store_locked(slot, credential);
}

std::optional<CredentialInfo> KeptModule::credential(Slot slot) const {
  const std::lock_guard guard(mutex_);
  const auto& held = state_.slots[index_of(slot)];
  if (!held) return std::nullopt;
  return CredentialInfo{held->imsi, held->iccid, held->note};
}

Status KeptModule::erase(Slot slot) {
  const std::lock_guard guard(mutex_);
  if (!state_.slots[index_of(slot)]) return {};
  State next = state_.clone();
  next.slots[index_of(slot)].reset();
  return commit(std::move(next));
}

Result<crypto::AkaAnswer> KeptModule::aka(Slot slot, const crypto::Rand& rand, const crypto::Autn& autn) {
  const std::lock_guard guard(mutex_);
  const auto& held = state_.slots[index_of(slot)];
  if (!held) return Error{Code::not_found, "module.no_credential", "nothing in the slot " + std::string(name_of(slot))};
  const auto key = crypto::AkaKey::of(TF_TRY(chip_->unseal(held->sealed)));
  if (!key) return Error{Code::integrity, "module.state", "a sealed credential has another size"};
  const Hash256 owner = crypto::sequence_owner(*key);
  const auto kept = state_.sequences.find(owner);
  if (kept == state_.sequences.end()) return Error{Code::integrity, "module.state", "a credential without its sequence"};
  crypto::UsimSequence sequence = kept->second;
  crypto::AkaAnswer answer = TF_TRY(crypto::aka_answer(*key, sequence, rand, autn));
  if (sequence == kept->second) return answer;
  State next = state_.clone();
  next.sequences.insert_or_assign(owner, sequence);
  TF_CHECK(commit(std::move(next)));
  return answer;
}

Status KeptModule::store_record(std::string_view name, SecretBytes value) {
  const std::lock_guard guard(mutex_);
  if (!valid_dsim_id(name) || value.size() > kMaxRecord) return Error{Code::invalid, "module.record", "its name or size"};
  State next = state_.clone();
  if (value.empty()) next.records.erase(std::string(name));
  else next.records.insert_or_assign(std::string(name), std::move(value));
  if (next.records.size() > kMaxRecords) return Error{Code::invalid, "module.record", "one too many"};
  return commit(std::move(next));
}

SecretBytes KeptModule::record(std::string_view name) const {
  const std::lock_guard guard(mutex_);
  const auto found = state_.records.find(name);
  return found == state_.records.end() ? SecretBytes() : found->second.clone();
}

}  // namespace tf::module
