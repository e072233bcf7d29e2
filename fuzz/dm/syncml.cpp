// Messages of OMA DM. The first byte says: decode and encode, or a session of the server or the device with a peer that proves
// itself rightly and says anything; its messages are separated by a zero. The tree is asked only by what was authentic.
#include "dm/client.hpp"
#include "dm/server.hpp"
#include "fuzz/round_trip.hpp"

namespace {

using namespace tf;
using namespace tf::dm;
using fuzz::demand;

struct Counting final : Random {
  void fill(MutableByteView out) override {
    for (auto& each : out) each = ++next;
  }
  std::uint8_t next = 0;
};

Credential person(const char* name) { return *make_credential(name, SecretBytes(as_bytes("password"))); }

struct SmallTree final : Tree {
  Got get(std::string_view uri) override { return {uri.size() % 3 == 0 ? code::not_found : code::ok, text_value(std::string(uri.size() * 100, '<'))}; }
  std::uint32_t add(std::string_view, const Value& value) override { return keep(value); }
  std::uint32_t replace(std::string_view, const Value& value) override { return keep(value); }
  std::uint32_t exec(std::string_view, const Value& value) override { return keep(value); }
  std::uint32_t remove(std::string_view) override { return code::ok; }
  static std::uint32_t keep(const Value& value) {
    demand(value.data.size() <= 3'000);
    return code::ok;
  }
};

// The nonce for the next message, as the peer reads it from ours.
void next_nonce(const Envelope& ours, Bytes& nonce) {
  const auto message = decode(ours.body);
  demand(message.has_value());
  for (const Command& each : message->commands)
    if (const auto* status = std::get_if<CommandStatus>(&each); status != nullptr && status->command == 0 && status->challenge) nonce = status->challenge->nonce;
}

template <class Take>
void each_message(std::string_view text, Take take) {
  for (int count = 0; count < 8 && !text.empty(); ++count) {
    const std::string_view body = text.substr(0, text.find('\0'));
    text.remove_prefix(std::min(body.size() + 1, text.size()));
    if (!take(std::string(body))) return;
  }
}

void round_trip(std::string_view text) {
  const auto first = decode(text);
  if (!first) return;
  const auto encoded = encode(*first);
  demand(encoded.has_value());
  const auto second = decode(*encoded);
  demand(second.has_value() && *encode(*second) == *encoded);
}

void server_session(std::string_view text) {
  Counting random;
  Bytes nonce(16, 0xAA);
  ServerSession session({.server_uri = "http://s", .device_uri = "d", .server = person("s"), .device = person("d"), .session = "1", .max_message = 4'000, .max_object = 3'000},
                        {.send = Bytes(16, 0xBB), .expect = nonce});
  demand(session.push({.tag = 1, .verb = Verb::replace, .uri = "./A", .value = text_value(std::string(3'000, '&'))}).has_value());
  demand(session.push({.tag = 2, .verb = Verb::get, .uri = "./A"}).has_value());
  demand(session.push({.tag = 3, .verb = Verb::exec, .uri = "./B", .together = true, .only_after_good = true}).has_value());
  std::array<int, 4> done{};
  each_message(text, [&](std::string body) {
    const auto received = session.receive({body, mac_header(person("d"), nonce, body)}, random);
    if (!received) return true;
    for (const Done& each : received->done) demand(++done.at(each.tag) == 1);
    const auto reply = session.reply();
    if (!reply) return false;
    demand(reply->message.body.size() <= 4'000 || received->authentic == false || body.size() > 1'000);
    for (const Done& each : reply->unsent) demand(++done.at(each.tag) == 1);
    next_nonce(reply->message, nonce);
    return true;
  });
}

void client_session(std::string_view text) {
  Counting random;
  SmallTree tree;
  Bytes nonce(16, 0xBB);
  ClientSession session({.server_uri = "http://s", .device_uri = "d", .device = person("d"), .server = person("s"), .info = {.device_id = "d", .manufacturer = "m", .model = "m"},
                         .max_message = 4'000, .max_object = 3'000}, {.send = Bytes(16, 0xAA), .expect = nonce});
  demand(session.start("1", false).has_value());
  each_message(text, [&](std::string body) {
    const auto step = session.handle({body, mac_header(person("s"), nonce, body)}, tree, random);
    if (!step) return !session.over();
    demand(!step->reply == session.over());
    if (step->reply) next_nonce(*step->reply, nonce);
    return step->reply.has_value();
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  switch (data[0] % 4) {
    case 0: round_trip(text); break;
    case 1: server_session(text); break;
    case 2: client_session(text); break;
    default: (void)claimed_name(text); break;
  }
  return 0;
}
