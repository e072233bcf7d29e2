#include "terminal/cardsign/bridge.hpp"

#include <algorithm>

#include "pcsc/channel.hpp"
#include "terminal/cardsign/own_card.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::terminal {
namespace {

Error out_of_state(const char* what) { return {Code::invalid, "bridge.state", what}; }

std::string failure(std::int64_t id, const Error& error) {
  wire::JsonWriter writer;
  writer.begin_object();
  if (id != 0) writer.member("id", id);
  writer.key("error").begin_object().member("reason", bridge_reason(error)).member("detail", error.detail).end_object();
  return writer.end_object().take();
}

}  // namespace

std::string_view bridge_reason(const Error& error) {
  static constexpr std::pair<std::string_view, std::string_view> known[] = {
      {"bridge.origin", "origin"},      {"bridge.busy", "busy"},        {"bridge.state", "state"},       {"pcsc.no_service", "no_service"},
      {"pcsc.no_reader", "no_reader"},  {"pcsc.no_card", "no_card"},    {"pcsc.removed", "removed"},     {"pcsc.reset", "reset"},
      {"pcsc.in_use", "in_use"},        {"pcsc.denied", "denied"},      {"pcsc.unresponsive", "unresponsive"}, {"cardsign.expired", "expired"},
      {"cardsign.no_shield", "card"},   {"bridge.card", "card"},        {"cardsign.puk_blocked", "puk_blocked"},
      {"cardsign.pin", "pin"},          {"crypto.jws", "display"},      {"crypto.jose", "display"}};
  const std::string_view reason = error.reason;
  for (const auto& [ours, told] : known)
    if (reason == ours) return told;
  if (reason.starts_with("cardsign.") || reason.starts_with("pki.")) return "display";
  if (error.code == Code::malformed) return "message";
  return "failed";
}

std::string Bridge::answer(const SecretBytes& message) {
  auto request = decode_native_request(message);
  if (!request) return failure(native_id(message), request.error());
  const auto members = perform(*request);
  if (!members) return failure(request->id, members.error());
  std::string out = "{\"id\":" + std::to_string(request->id);
  if (!members->empty()) out += "," + *members;
  return out + "}";
}

Bridge::Answer Bridge::perform(NativeRequest& request) {
  const auto origin = parse_origin(request.origin);
  if (!origin || std::ranges::find(settings_.origins, *origin) == settings_.origins.end() || (!origin_.empty() && *origin != origin_))
    return Error{Code::denied, "bridge.origin", "pages of " + request.origin + " may not use the card; see trustferry bridge install --origin"};
  origin_ = *origin;
  return std::visit([this](const auto& what) { return perform(what); }, request.what);
}

// Members of an object that is written by hand: the writer gives a whole one, and its braces go.
static std::string members_of(wire::JsonWriter& writer) {
  const std::string whole = writer.end_object().take();
  return whole.substr(1, whole.size() - 2);
}

Bridge::Answer Bridge::perform(const AskReaders&) {
  wire::JsonWriter writer;
  writer.begin_object().key("readers").begin_array();
  for (const pcsc::Reader& reader : TF_TRY(pcsc::list_readers(ports_.library)))
    writer.begin_object().member("name", reader.name).member("card", reader.card).member("in_use", reader.in_use).end_object();
  writer.end_array();
  return members_of(writer);
}

Bridge::Answer Bridge::perform(const AskBegin& begin) {
  card_.reset();
  shown_.reset();
  if (!locked_) {
    auto lock = ports_.lock();
    if (!lock && lock.error().code == Code::conflict) return Error{Code::conflict, "bridge.busy", "another page is using the card; finish or close it"};
    locked_ = TF_TRY(std::move(lock));
  }
  // Nothing is held where there is no card.
  auto found = pcsc::find_card(ports_.library, begin.reader);
  auto channel = found ? pcsc::PcscChannel::open(ports_.library, found->name) : std::move(found).error();
  if (!channel) {
    locked_.reset();
    return std::move(channel).error();
  }
  auto* raw = channel->get();
  card_ = CardInReach{.channel = std::move(*channel), .hold = [raw] { return raw->hold(); }, .name = raw->reader()};
  wire::JsonWriter writer;
  writer.begin_object().member("reader", card_->name);
  return members_of(writer);
}

Bridge::Answer Bridge::perform(const AskTransmit& transmit) {
  if (!card_) return out_of_state("begin comes first");
  shown_.reset();  // what was shown is over, whatever these commands are
  Carried carried = TF_TRY(carry_out(*card_, transmit.commands));
  if (carried.gone) return told(std::move(*carried.gone));
  wire::JsonWriter writer;
  writer.begin_object().key("answers").begin_array();
  for (const Bytes& answer : carried.answers) writer.value(wire::base64url(answer));
  writer.end_array();
  std::string out = members_of(writer);
  if (out.size() + 64 > kMaxNativeAnswer) return Error{Code::malformed, "bridge.too_long", "the card's answers are longer than the browser takes"};
  return out;
}

Bridge::Answer Bridge::perform(const AskDisplay& display) {
  if (!card_) return out_of_state("begin comes first");
  shown_.reset();
  const auto reply = TF_TRY(cardsign::decode_session_reply(display.reply));
  const auto* what = std::get_if<cardsign::Display>(&reply.next);
  if (what == nullptr) return out_of_state("the platform asks for nothing to be shown");
  Shown shown = TF_TRY(verify_display(*what, TF_TRY(cardsign::decode_platform_keys(display.keys)), settings_.trust, ports_.clock.now_ms()));
  wire::JsonWriter writer;
  writer.begin_object().member("platform", shown.claim.platform).member("user", shown.claim.user).member("serial", shown.claim.serial);
  writer.member("payee", shown.payment.payee).member("amount", ports_.money(shown.payment.amount, shown.payment.currency));
  writer.member("currency", shown.payment.currency).member("order", shown.payment.order).member("subject", shown.payment.subject);
  writer.member("seen_by_card", shown.claim.suite == cardsign::Suite::modern);
  if (shown.tries) writer.member("tries", std::int64_t{*shown.tries});
  shown_ = std::move(shown);
  return members_of(writer);
}

// For what was shown last, and once.
Bridge::Answer Bridge::perform(const AskPin& pin) {
  if (!shown_) return out_of_state("nothing was shown that a PIN could be for");
  const Bytes envelope = TF_TRY(seal_pin_for(*shown_, pin.pin));
  shown_.reset();
  wire::JsonWriter writer;
  writer.begin_object().member("pin_envelope", wire::base64url(envelope));
  return members_of(writer);
}

Error Bridge::told(Error error) {
  if (is_gone(error)) (void)perform(AskEnd{});
  return error;
}

Bridge::Answer Bridge::perform(const AskPinState& asked) {
  if (!card_) return out_of_state("begin comes first");
  shown_.reset();
  const auto state = read_pin_state(*card_, asked.container);
  if (!state) return told(state.error());
  wire::JsonWriter writer;
  writer.begin_object().member("serial", state->serial).member("pin_tries", std::int64_t{state->tries.pin}).member("puk_tries", std::int64_t{state->tries.puk});
  return members_of(writer);
}

// The PUK goes sealed to the card's certified channel key, as the PIN for a payment does: to no card whose manufacturer is not trusted here.
Bridge::Answer Bridge::perform(const AskUnblock& asked) {
  if (!card_) return out_of_state("begin comes first");
  shown_.reset();
  const Status done = unblock_card(*card_, {.container = asked.container, .puk = asked.puk.clone(), .pin = asked.pin.clone()}, settings_.trust, ports_.clock.now_ms());
  const std::string_view reason = done ? "" : done.error().reason;
  if (reason == "cardsign.channel") return Error{Code::refused, "bridge.card", done.error().detail};
  if (!done && reason != "cardsign.puk") return told(done.error());
  wire::JsonWriter writer;
  writer.begin_object().member("unblocked", done.has_value());
  if (!done) {
    const auto state = read_pin_state(*card_, asked.container);
    if (!state) return told(state.error());
    writer.member("tries", std::int64_t{state->tries.puk});
  }
  return members_of(writer);
}

Bridge::Answer Bridge::perform(const AskEnd&) {
  shown_.reset();
  card_.reset();
  locked_.reset();
  return std::string();
}

}  // namespace tf::terminal
