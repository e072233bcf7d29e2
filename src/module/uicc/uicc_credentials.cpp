// The keys' operations and the credentials of a module in a card.
#include <algorithm>

#include "module/content.hpp"
#include "module/uicc/uicc_parts.hpp"

namespace tf::module::uicc {
namespace {

namespace words = apdu::onboard;
using apdu::StatusWord;

constexpr std::uint8_t number_of(Slot slot) { return slot == Slot::preliminary ? words::kSlotPreliminary : words::kSlotSubscription; }
constexpr std::size_t index_of(Slot slot) { return slot == Slot::preliminary ? 0 : 1; }
constexpr std::size_t kModulus = 256;
constexpr std::size_t kMaxMessage = 16'000;  // as kMaxChainOctets

// DB { RES, CK, IK } (TS 31.102 §7.1.2.1): each part with its length before it.
template <std::size_t N>
bool take(ByteView& rest, Secret<N>& out) {
  if (rest.size() < N + 1 || rest[0] != N) return false;
  std::ranges::copy(rest.subspan(1, N), out.reveal_mutable().begin());
  rest = rest.subspan(N + 1);
  return true;
}

Result<crypto::AkaAnswer> read_answer(ByteView data) {
  const Error wrong{Code::unavailable, "module.card", "AUTHENTICATE: an answer of another form"};
  if (!data.empty() && data[0] == 0xDB) {
    crypto::AkaAccepted out;
    ByteView rest = data.subspan(1);
    if (!take(rest, out.res) || !take(rest, out.ck) || !take(rest, out.ik) || !rest.empty()) return wrong;
    return crypto::AkaAnswer(std::move(out));
  }
  const auto auts = apdu::only(data, 0xDC);
  crypto::AkaOutOfSequence out;
  if (!auts || auts->size() != out.auts.size()) return wrong;
  std::ranges::copy(*auts, out.auts.begin());
  return crypto::AkaAnswer(out);
}

}  // namespace

Result<crypto::Es256Signature> UiccModule::sign(ByteView message) {
  if (message.size() > kMaxMessage) return Error{Code::invalid, "module.message", "more than the card takes"};
  const std::lock_guard guard(mutex_);
  const Bytes made = TF_TRY(host_.ask_ok(words::Ins::sign, 0, to_bytes(message)));
  crypto::Es256Signature out{};
  if (made.size() != out.size()) return Error{Code::unavailable, "module.card", "SIGN: not a P-256 signature"};
  std::ranges::copy(made, out.begin());
  return out;
}

Result<SecretBytes> UiccModule::unwrap_locked(Oaep oaep, ByteView wrapped) {
  const Error refused{Code::refused, "module.unwrap", "the key does not decrypt"};
  if (wrapped.size() != kModulus) return refused;
  auto answer = TF_TRY(host_.ask(words::Ins::unwrap, oaep == Oaep::sha1 ? words::kSha1 : words::kSha256, to_bytes(wrapped)));
  if (answer.status == StatusWord::wrong_data) return refused;
  if (!answer.ok()) return card_error("UNWRAP", answer.status);
  SecretBytes out{ByteView(answer.data)};
  wipe(answer.data.data(), answer.data.size());
  return out;
}

Result<SecretBytes> UiccModule::unwrap(Oaep oaep, ByteView wrapped) {
  const std::lock_guard guard(mutex_);
  return unwrap_locked(oaep, wrapped);
}

Result<SecretBytes> UiccModule::open_locked(const Content& content) {
  return open_content(content, [&](Oaep oaep, ByteView wrapped) { return unwrap_locked(oaep, wrapped); });
}

Result<SecretBytes> UiccModule::open(const Content& content) {
  const std::lock_guard guard(mutex_);
  return open_locked(content);
}

Status UiccModule::store_locked(Slot slot, const Credential& credential) {
  apdu::TlvWriter data;
  data.put(words::kImsi, as_bytes(credential.imsi)).put(words::kIccid, as_bytes(credential.iccid)).put(words::kNote, credential.note);
  data.put(words::kValue, TF_TRY(host_.under_dek(credential.key.octets())));
  const auto done = TF_TRY(host_.ask(words::Ins::install, number_of(slot), data.take()));
  if (done.status == StatusWord::wrong_data) return Error{Code::invalid, "module.credential", "IMSI, ICCID, note or key are not what they should be; a card of before TUAK takes no key of TUAK"};
  if (done.status == StatusWord::exists)
    return Error{Code::conflict, "module.credential_present", std::string("the slot ") + std::string(name_of(slot)) + " holds another credential"};
  if (done.status == StatusWord::not_enough_memory) return Error{Code::conflict, "module.credentials_full", "the card remembers as many credentials as it can"};
  if (!done.ok()) return card_error("INSTALL", done.status);
  slots_[index_of(slot)] = CredentialInfo{credential.imsi, credential.iccid, credential.note};
  return {};
}

Status UiccModule::store_credential(Slot slot, Credential credential) {
  const std::lock_guard guard(mutex_);
  return store_locked(slot, credential);
}

Status UiccModule::install(Slot slot, const Content& content, const CredentialReader& reader) {
  const std::lock_guard guard(mutex_);
  const SecretBytes plain = TF_TRY(open_locked(content));
  const Credential credential = TF_TRY(reader(plain.reveal()));
  return store_locked(slot, credential);
}

std::optional<CredentialInfo> UiccModule::credential(Slot slot) const {
  const std::lock_guard guard(mutex_);
  return slots_[index_of(slot)];
}

Status UiccModule::erase(Slot slot) {
  const std::lock_guard guard(mutex_);
  (void)TF_TRY(host_.ask_ok(words::Ins::erase, number_of(slot)));
  slots_[index_of(slot)].reset();
  return {};
}

Result<crypto::AkaAnswer> UiccModule::aka(Slot slot, const crypto::Rand& rand, const crypto::Autn& autn) {
  const std::lock_guard guard(mutex_);
  Bytes data = to_bytes(rand);
  append(data, autn);
  auto answer = TF_TRY(host_.ask(words::Ins::authenticate, number_of(slot), std::move(data)));
  if (answer.status == StatusWord::reference_not_found) return Error{Code::not_found, "module.no_credential", "nothing in the slot " + std::string(name_of(slot))};
  if (answer.status == StatusWord::mac_wrong) return Error{Code::refused, "aka.mac", "the network does not know K"};
  if (!answer.ok()) return card_error("AUTHENTICATE", answer.status);
  auto out = read_answer(answer.data);
  wipe(answer.data.data(), answer.data.size());
  return out;
}

}  // namespace tf::module::uicc
