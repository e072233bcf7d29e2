#include "platform/cardsign/store_air.hpp"

#include <algorithm>

#include "base/durations.hpp"

namespace tf::platform {
namespace {

using store::Row;
using store::Session;
using std::string_view;

constexpr std::int64_t kNever = INT64_MAX;

struct Address {
  std::string serial, number;
};

Result<std::vector<Address>> load_due(Session& session, std::int64_t now_ms, std::size_t most) {
  std::vector<Address> out;
  TF_CHECK(session.query("SELECT n.serial, n.number FROM cardsign_numbers n WHERE EXISTS (SELECT 1 FROM cardsign_updates u WHERE u.serial = n.serial AND u.state = 'waiting') "
                         "AND NOT EXISTS (SELECT 1 FROM cardsign_packets p JOIN cardsign_updates w ON w.id = p.update_id "
                         "WHERE p.serial = n.serial AND w.state = 'waiting' AND p.next_ms > $1) ORDER BY n.serial LIMIT $2",
                         {now_ms, static_cast<std::int64_t>(most)}, [&](const Row& row) -> Status {
    out.push_back({row.text(0), row.text(1)});
    return {};
  }));
  return out;
}

Result<bool> change_packet(Session& session, string_view statement, const Packet& packet, std::int64_t value) {
  return TF_TRY(session.execute(statement, {string_view(packet.serial), static_cast<std::int64_t>(packet.counter), value})) == 1;
}

}  // namespace

std::int64_t pause_after_ms(std::int64_t tries, std::int64_t repeat_ms) {
  return std::min(kDayMs, repeat_ms << std::min<std::int64_t>(2 * (tries - 1), 2 * kMostTries));
}

Status put_number(Session& session, const std::string& serial, const std::string& number, std::int64_t now_ms) {
  const auto card = TF_TRY(load_card(session, serial));
  if (!card) return Error{Code::not_found, "cardsign.no_card", "there is no card " + serial + " in the register"};
  if (card->withdrawn && !number.empty()) return Error{Code::conflict, "cardsign.withdrawn", "the card was withdrawn"};
  TF_TRY(session.execute("DELETE FROM cardsign_packets WHERE serial = $1", {string_view(serial)}));
  TF_TRY(session.execute("DELETE FROM cardsign_numbers WHERE serial = $1", {string_view(serial)}));
  if (number.empty()) return {};
  const auto changed = TF_TRY(session.execute("INSERT INTO cardsign_numbers (serial, number, set_ms) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                                              {string_view(serial), string_view(number), now_ms}));
  return changed == 1 ? Status() : Status(Error{Code::conflict, "cardsign.number_taken", "the number is another card's"});
}

Result<std::string> load_number(Session& session, const std::string& serial) {
  return TF_TRY(session.query_one("SELECT number FROM cardsign_numbers WHERE serial = $1", {string_view(serial)}, [](const Row& row) { return row.text(0); })).value_or("");
}

Result<std::optional<std::string>> card_of_number(Session& session, const std::string& number) {
  return session.query_one("SELECT serial FROM cardsign_numbers WHERE number = $1", {string_view(number)}, [](const Row& row) { return row.text(0); });
}

Result<std::vector<Packet>> take_due(Session& session, std::int64_t now_ms, std::size_t most, std::int64_t repeat_ms) {
  std::vector<Packet> out;
  for (const Address& to : TF_TRY(load_due(session, now_ms, most))) {
    auto packet = TF_TRY(load_packet(session, to.serial));
    if (!packet || !packet->waiting) {
      auto waiting = TF_TRY(load_updates(session, to.serial, 1));
      if (waiting.empty()) continue;
      packet = Packet{.serial = to.serial, .number = to.number, .counter = TF_TRY(reserve_counters(session, to.serial, 1)), .update = std::move(waiting.front())};
      TF_TRY(session.execute("INSERT INTO cardsign_packets (serial, update_id, counter, tries, next_ms, proved) VALUES ($1, $2, $3, 0, 0, 0) "
                             "ON CONFLICT (serial) DO UPDATE SET update_id = $2, counter = $3, tries = 0, next_ms = 0",
                             {string_view(packet->serial), string_view(packet->update.id), static_cast<std::int64_t>(packet->counter)}));
    }
    ++packet->tries;
    const std::int64_t next = packet->tries < kMostTries ? now_ms + pause_after_ms(packet->tries, repeat_ms) : kNever;
    TF_TRY(session.execute("UPDATE cardsign_packets SET tries = $2, next_ms = $3 WHERE serial = $1", {string_view(packet->serial), packet->tries, next}));
    out.push_back(std::move(*packet));
  }
  return out;
}

Result<bool> any_due(Session& session, std::int64_t now_ms) { return !TF_TRY(load_due(session, now_ms, 1)).empty(); }

Result<std::optional<Packet>> load_packet(Session& session, const std::string& serial) {
  return session.query_one("SELECT p.serial, n.number, p.counter, p.tries, u.id, u.container, u.slot, u.certificate, u.state, p.proved FROM cardsign_packets p JOIN cardsign_updates u ON u.id = p.update_id "
                           "JOIN cardsign_numbers n ON n.serial = p.serial WHERE p.serial = $1",
                           {string_view(serial)}, [](const Row& row) -> Result<Packet> {
    return Packet{.serial = row.text(0), .number = row.text(1), .counter = static_cast<std::uint64_t>(row.integer(2)), .tries = row.integer(3), .waiting = row.text_view(8) == "waiting",
                  .proved = static_cast<std::uint64_t>(row.integer(9)), .update = {row.text(4), static_cast<std::uint8_t>(row.integer(5)), TF_TRY(cardsign::parse_slot(row.text_view(6))), row.bytes(7)}};
  });
}

Result<bool> end_packet(Session& session, const Packet& packet) {
  return change_packet(session, "UPDATE cardsign_packets SET proved = counter, next_ms = $3 WHERE serial = $1 AND counter = $2", packet, kNever);
}

Result<bool> count_on(Session& session, const Packet& packet, std::int64_t now_ms) {
  const std::int64_t next = packet.tries < kMostTries ? now_ms : kNever;
  if (!TF_TRY(change_packet(session, "UPDATE cardsign_packets SET next_ms = $3 WHERE serial = $1 AND counter = $2", packet, next))) return false;
  const auto counter = static_cast<std::int64_t>(TF_TRY(reserve_counters(session, packet.serial, 1)));
  return change_packet(session, "UPDATE cardsign_packets SET counter = $3 WHERE serial = $1 AND counter = $2", packet, counter);
}

Result<bool> rest_packet(Session& session, const Packet& packet) {
  return change_packet(session, "UPDATE cardsign_packets SET next_ms = $3 WHERE serial = $1 AND counter = $2", packet, kNever);
}

}  // namespace tf::platform
