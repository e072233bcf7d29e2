// CardsignService: renewal over the air by short messages. One packet at a time is under way to a card; what proves its receipt lets the next one go.
#include "apdu/sms_download.hpp"
#include "base/log.hpp"
#include "platform/cardsign/service.hpp"
#include "wire/json.hpp"

namespace tf::platform {
namespace {

constexpr std::size_t kAtOnce = 64;  // cards; the rest with the next call

std::string packet_detail(const Packet& packet) {
  return wire::JsonWriter().begin_object().member("packet", static_cast<std::int64_t>(packet.counter)).member("slot", name_of(packet.update.slot)).member("try", packet.tries).end_object().take();
}

}  // namespace

// Counter and try are written down before the message leaves.
void CardsignService::air() {
  if (parts_.sms == nullptr) return;
  bool any = false;
  const Status looked = context_.database.read([&](store::Session& rows) -> Status { return any = TF_TRY(any_due(rows, context_.clock.now_ms())), Status(); });
  if (!looked) return log::error("packets for cards could not be looked for: " + describe(looked.error()));
  if (!any) return;
  struct Due {
    Packet packet;
    apdu::ota::Keys keys;
  };
  const auto due = std::make_shared<std::vector<Due>>();
  context_.database.write_async(
      [this, due, now = context_.clock.now_ms()](store::Session& rows) -> Status {
        due->clear();
        for (Packet& packet : TF_TRY(take_due(rows, now, kAtOnce, settings_.repeat_seconds * 1'000))) {
          const auto card = TF_TRY(load_card(rows, packet.serial));
          if (!card) continue;
          auto keys = register_.ota_keys(*card);
          if (!keys && keys.error().code != Code::integrity) return keys.error();
          if (!keys) {  // a damaged row has used this try, and holds up no other card
            log::error("no packet for card " + packet.serial + ": " + describe(keys.error()));
            continue;
          }
          TF_CHECK(context_.trail.append(rows, {.at_ms = now, .actor = "cardsign", .action = "cardsign.packet", .subject = packet.serial, .outcome = audit::Outcome::accepted, .reason = "",
                                                .detail = packet_detail(packet)}));
          due->push_back({std::move(packet), std::move(*keys)});
        }
        return {};
      },
      [this, due](const Status& written) {
        if (!written) return log::error("packets for cards could not be made: " + describe(written.error()));
        for (const Due& each : *due) send(each.packet, each.keys);
      });
}

// The reference of the parts follows the counter: a packet that is sent again completes what came of it before.
void CardsignService::send(const Packet& packet, const apdu::ota::Keys& keys) {
  const auto failed = [serial = packet.serial](const Error& error) { log::warn("the packet for card " + serial + " was not handed over: " + describe(error)); };
  const auto sealed = cardsign::update_packet(packet.update, packet.counter, keys);
  if (!sealed) return failed(sealed.error());
  auto parts = apdu::ota::user_data_of(*sealed, static_cast<std::uint8_t>(packet.counter));
  if (!parts) return failed(parts.error());
  packets_.add();
  parts_.sms->send({.to = packet.number, .text = {}, .reference = packet.serial + "." + std::to_string(packet.counter) + "." + std::to_string(packet.tries), .user_data = std::move(*parts)},
                   [failed](const Result<sms::Receipt>& taken) {
                     if (!taken) failed(taken.error());
                   });
}

void CardsignService::arrived(const sms::Incoming& message) {
  std::optional<std::string> serial;
  const Status read = context_.database.read([&](store::Session& rows) -> Status {
    serial = TF_TRY(card_of_number(rows, message.from));
    return {};
  });
  if (!read) return log::error("a message of " + message.from + " was lost: " + describe(read.error()));
  if (serial) prove(*serial, message.user_data, [](const Result<std::string>&) {});
}

void CardsignService::prove(const std::string& body, Reply reply) {
  auto request = cardsign::decode_proof_request(body);
  if (!request) return refuse("cardsign.proof", "", request.error(), reply);
  prove(request->serial, std::move(request->proof), std::move(reply));
}

// Anybody may bring anything: what proves nothing is refused and alarms nobody.
void CardsignService::prove(const std::string& serial, Bytes proof, Reply reply) {
  std::optional<StoredCard> card;
  std::optional<Packet> packet;
  const Status read = context_.database.read([&](store::Session& rows) -> Status {
    card = TF_TRY(load_card(rows, serial));
    packet = TF_TRY(load_packet(rows, serial));
    return {};
  });
  if (!read) return refuse("cardsign.proof", serial, read.error(), reply);
  if (!card || !packet) return refuse("cardsign.proof", serial, {Code::refused, "cardsign.no_packet", "nothing is under way to this card"}, reply);
  const auto keys = register_.ota_keys(*card);
  if (!keys) return refuse("cardsign.proof", serial, keys.error(), reply);
  const Status verdict = cardsign::check_update_proof(proof, packet->counter, *keys);
  const std::string_view why = verdict ? "" : verdict.error().reason;
  if (why == "cardsign.ota_proof" && packet->proved != 0 && cardsign::check_update_proof(proof, packet->proved, *keys)) return reply(encode(cardsign::Updated{1}));  // once more
  if (why == "cardsign.ota_proof") return refuse("cardsign.proof", serial, {Code::refused, "cardsign.proof", verdict.error().detail}, reply);
  if (!packet->waiting) return reply(encode(cardsign::Updated{verdict ? 1 : 0}));  // it was done by then, this way or another
  struct Held {
    Packet packet;
    std::string replaced;
    bool there = false;
  };
  const auto held = std::make_shared<Held>(Held{std::move(*packet), {}, false});
  context_.database.write_async(
      [this, held, why, verdict, now = context_.clock.now_ms()](store::Session& rows) -> Status {
        held->there = TF_TRY(verdict ? end_packet(rows, held->packet) : why == "cardsign.ota_counter" ? count_on(rows, held->packet, now) : rest_packet(rows, held->packet));
        if (!held->there) return {};
        if (verdict) held->replaced = TF_TRY(finish_update(rows, held->packet.update.id, now));
        return context_.trail.append(rows, {.at_ms = now, .actor = "card:" + held->packet.serial, .action = "cardsign.proof", .subject = held->packet.serial,
                                            .outcome = verdict ? audit::Outcome::accepted : audit::Outcome::refused, .reason = std::string(why), .detail = packet_detail(held->packet)});
      },
      [this, held, verdict, serial, reply = std::move(reply)](const Status& written) mutable {
        if (!written) return refuse("cardsign.proof", serial, written.error(), reply);
        if (!held->there) return refuse("cardsign.proof", serial, {Code::refused, "cardsign.no_packet", "another packet is under way by now"}, reply);
        if (verdict) updates_.add(), replace({held->replaced});
        air();
        reply(encode(cardsign::Updated{verdict ? 1 : 0}));
      });
}

}  // namespace tf::platform
