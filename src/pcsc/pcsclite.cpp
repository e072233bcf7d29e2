#include "pcsc/pcsclite.hpp"

#include <winscard.h>

#include <map>
#include <optional>

#include "base/secret.hpp"

namespace tf::pcsc {
namespace {

constexpr std::size_t kMaxAnswer = 65538;  // an extended answer and its status word

static_assert(static_cast<std::uint32_t>(SCARD_E_SHARING_VIOLATION) == static_cast<std::uint32_t>(Rc::sharing_violation));
static_assert(static_cast<std::uint32_t>(SCARD_E_NO_SERVICE) == static_cast<std::uint32_t>(Rc::no_service));
static_assert(static_cast<std::uint32_t>(SCARD_E_NO_READERS_AVAILABLE) == static_cast<std::uint32_t>(Rc::no_readers));
static_assert(static_cast<std::uint32_t>(SCARD_W_REMOVED_CARD) == static_cast<std::uint32_t>(Rc::removed_card));
static_assert(static_cast<std::uint32_t>(SCARD_W_RESET_CARD) == static_cast<std::uint32_t>(Rc::reset_card));
static_assert(static_cast<std::uint32_t>(SCARD_W_SECURITY_VIOLATION) == static_cast<std::uint32_t>(Rc::security_violation));
static_assert(SCARD_STATE_PRESENT == kStatePresent && SCARD_STATE_EXCLUSIVE == kStateExclusive && SCARD_STATE_CHANGED == kStateChanged);
static_assert(SCARD_STATE_UNAVAILABLE == kStateUnavailable && SCARD_STATE_MUTE == kStateMute);

Rc rc_of(LONG code) { return static_cast<Rc>(static_cast<std::uint32_t>(code)); }

}  // namespace

struct Pcsclite::State {
  std::optional<SCARDCONTEXT> context;
  std::map<SCARDHANDLE, DWORD> protocols;  // of the cards that are connected

  Rc establish() {
    if (context && SCardIsValidContext(*context) == SCARD_S_SUCCESS) return Rc::ok;
    forget();
    SCARDCONTEXT made = 0;
    const LONG code = SCardEstablishContext(SCARD_SCOPE_SYSTEM, nullptr, nullptr, &made);
    if (code == SCARD_S_SUCCESS) context = made;
    return rc_of(code);
  }
  void forget() {
    if (context) SCardReleaseContext(*context);
    context.reset();
    protocols.clear();
  }
  // After pcscd has gone its contexts are worth nothing.
  Rc judged(LONG code) {
    const Rc out = rc_of(code);
    if (out == Rc::no_service || out == Rc::service_stopped || out == Rc::invalid_handle) forget();
    return out;
  }
};

Pcsclite::Pcsclite() : state_(std::make_unique<State>()) {}
Pcsclite::~Pcsclite() { state_->forget(); }

Rc Pcsclite::list_readers(std::vector<std::string>& out) {
  out.clear();
  if (const Rc rc = state_->establish(); rc != Rc::ok) return rc;
  // The list may grow between the two calls; a reader more is no error, but asked for again.
  for (int tries = 0; tries < 4; ++tries) {
    DWORD size = 0;
    if (const Rc rc = state_->judged(SCardListReaders(*state_->context, nullptr, nullptr, &size)); rc != Rc::ok) return rc;
    std::string names(size, '\0');
    const LONG code = SCardListReaders(*state_->context, nullptr, names.data(), &size);
    if (code == SCARD_E_INSUFFICIENT_BUFFER) continue;
    if (const Rc rc = state_->judged(code); rc != Rc::ok) return rc;
    for (std::size_t at = 0; at < names.size() && names[at] != '\0'; at += out.back().size() + 1) out.emplace_back(names.c_str() + at);
    return out.empty() ? Rc::no_readers : Rc::ok;
  }
  return Rc::internal;
}

Rc Pcsclite::wait_for_change(std::vector<ReaderState>& states, std::chrono::milliseconds at_most) {
  if (const Rc rc = state_->establish(); rc != Rc::ok) return rc;
  std::vector<SCARD_READERSTATE> asked(states.size());
  for (std::size_t i = 0; i < states.size(); ++i) {
    asked[i].szReader = states[i].name.c_str();
    asked[i].dwCurrentState = states[i].known;
  }
  const LONG code = SCardGetStatusChange(*state_->context, static_cast<DWORD>(at_most.count()), asked.data(), static_cast<DWORD>(asked.size()));
  if (code != SCARD_S_SUCCESS) return state_->judged(code);
  for (std::size_t i = 0; i < states.size(); ++i) {
    states[i].now = static_cast<std::uint32_t>(asked[i].dwEventState);
    states[i].atr.assign(asked[i].rgbAtr, asked[i].rgbAtr + asked[i].cbAtr);
  }
  return Rc::ok;
}

Rc Pcsclite::connect(const std::string& reader, Handle& out) {
  if (const Rc rc = state_->establish(); rc != Rc::ok) return rc;
  SCARDHANDLE card = 0;
  DWORD protocol = 0;
  const LONG code = SCardConnect(*state_->context, reader.c_str(), SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &card, &protocol);
  if (code != SCARD_S_SUCCESS) return state_->judged(code);
  state_->protocols[card] = protocol;
  out = card;
  return Rc::ok;
}

Rc Pcsclite::begin(Handle card) { return state_->judged(SCardBeginTransaction(static_cast<SCARDHANDLE>(card))); }
Rc Pcsclite::end(Handle card) { return state_->judged(SCardEndTransaction(static_cast<SCARDHANDLE>(card), SCARD_LEAVE_CARD)); }

Rc Pcsclite::transmit(Handle card, ByteView command, Bytes& answer) {
  const auto protocol = state_->protocols.find(static_cast<SCARDHANDLE>(card));
  if (protocol == state_->protocols.end()) return Rc::invalid_handle;
  const SCARD_IO_REQUEST* way = protocol->second == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1;
  std::uint8_t octets[kMaxAnswer];  // as it is: clearing 64 KiB would cost more than most commands
  DWORD size = sizeof octets;
  const LONG code = SCardTransmit(static_cast<SCARDHANDLE>(card), way, command.data(), static_cast<DWORD>(command.size()), nullptr, octets, &size);
  if (code != SCARD_S_SUCCESS) size = 0;
  answer.assign(octets, octets + size);
  wipe(octets, size);
  return state_->judged(code);
}

Rc Pcsclite::reset(Handle card) {
  DWORD protocol = 0;
  const LONG code = SCardReconnect(static_cast<SCARDHANDLE>(card), SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, SCARD_UNPOWER_CARD, &protocol);
  if (code == SCARD_S_SUCCESS) state_->protocols[static_cast<SCARDHANDLE>(card)] = protocol;
  return state_->judged(code);
}

void Pcsclite::disconnect(Handle card) {
  if (state_->protocols.erase(static_cast<SCARDHANDLE>(card)) != 0) SCardDisconnect(static_cast<SCARDHANDLE>(card), SCARD_LEAVE_CARD);
}

}  // namespace tf::pcsc
