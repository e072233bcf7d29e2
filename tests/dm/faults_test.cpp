// One fault, and two, on every message of a session: it ends as it would have without, and nothing is done twice.
#include "tests/dm/conversation.hpp"

#include <random>

namespace tf::dm::test {
namespace {

enum class Fault { none, drop, twice, flip_body, flip_mac, no_mac, cut, stale, reflect };

// Messages pass here; number n is damaged as asked.
class Line {
 public:
  struct Damage {
    std::size_t number = 0;
    Fault fault = Fault::none;
    std::size_t place = 0;
  };
  explicit Line(std::vector<Damage> damages) : damages_(std::move(damages)) {}

  // What arrives instead of the message: nothing, one or two.
  std::vector<Envelope> pass(const Envelope& in, bool to_server) {
    const std::size_t number = passed_++;
    const std::vector<Envelope> before = history_[to_server], others = history_[!to_server];
    history_[to_server].push_back(in);
    for (const Damage& each : damages_)
      if (each.number == number) return damaged(in, each, before, others);
    return {in};
  }
  [[nodiscard]] std::size_t passed() const { return passed_; }

 private:
  static std::vector<Envelope> damaged(Envelope in, const Damage& damage, const std::vector<Envelope>& before, const std::vector<Envelope>& others) {
    const auto flip = [&](std::string& text) {
      if (!text.empty()) text[damage.place % text.size()] ^= 1;
    };
    switch (damage.fault) {
      case Fault::drop: return {};
      case Fault::twice: return {in, in};
      case Fault::flip_body: flip(in.body); break;
      case Fault::flip_mac: flip(in.mac); break;
      case Fault::no_mac: in.mac.clear(); break;
      case Fault::cut: in.body.resize(damage.place % in.body.size()); break;
      case Fault::stale: return before.empty() ? std::vector<Envelope>{} : std::vector<Envelope>{before[damage.place % before.size()]};
      case Fault::reflect: return others.empty() ? std::vector<Envelope>{} : std::vector<Envelope>{others.back()};
      case Fault::none: break;
    }
    return {in};
  }

  std::vector<Damage> damages_;
  std::map<bool, std::vector<Envelope>> history_;
  std::size_t passed_ = 0;
};

// The device sends its last message again until something good comes back, and gives the session up after some tries.
Status converse(Pair& pair, Line& line) {
  Envelope next = must(pair.client.start("A1", false));
  Error last{Code::unavailable, "test.lost", ""};
  for (int tries = 0; tries < 4 && !pair.client.over(); ++tries) {
    std::optional<ClientStep> step;
    for (const Envelope& arrived : line.pass(next, true)) {
      const auto reply = pair.serve(arrived);
      if (!reply) last = reply.error();
      if (!reply) continue;
      for (const Envelope& back : line.pass(*reply, false)) {
        auto taken = pair.deliver(back);
        if (taken && !step) step = std::move(*taken);
        else if (!taken) last = taken.error();
      }
    }
    if (!step) continue;
    if (!step->reply) return {};
    next = *step->reply;
    tries = -1;
    EXPECT_EQ(next, pair.client.last());
  }
  return last;
}

struct Story {
  Status result;
  std::map<std::uint64_t, std::uint32_t> codes;
  std::map<std::string, Value> nodes;
  std::vector<std::string> log;
  std::size_t messages = 0, sessions = 0;
};

constexpr Pair::Sizes kSizes{.server_message = 3'000, .device_message = 3'000};

// Another session follows one that broke off, from what both sides stored and with the tasks that are not done.
Story tell(std::vector<Line::Damage> damages) {
  Pair pair(kSizes);
  Line line(std::move(damages));
  Story out;
  do {
    pair.push_delivery(xml_text(4'000), pair.codes());
    out.result = converse(pair, line);
    pair.server = ServerSession(Pair::server_settings(kSizes), pair.server_nonces);
    pair.client = ClientSession(Pair::client_settings(kSizes), pair.client_nonces);
  } while (!out.result && ++out.sessions < 4);
  out.codes = pair.codes();
  out.nodes = pair.tree.nodes;
  out.log = pair.tree.log;
  out.messages = line.passed();
  return out;
}

const Story& good() {
  static const Story story = tell({});
  return story;
}

void expect_same(const Story& story, const std::string& what) {
  EXPECT_TRUE(story.result.has_value()) << what << ": " << describe(story.result.error());
  EXPECT_EQ(story.codes, good().codes) << what;
  EXPECT_EQ(story.nodes, good().nodes) << what;
  EXPECT_EQ(story.log, good().log) << what;
}

std::string named(const Line::Damage& damage) {
  return "message " + std::to_string(damage.number) + " fault " + std::to_string(static_cast<int>(damage.fault)) + " place " + std::to_string(damage.place);
}

TEST(DmFaults, one_fault_anywhere_is_got_over) {
  ASSERT_TRUE(good().result.has_value());
  ASSERT_EQ(good().log.size(), 5U);
  ASSERT_GE(good().messages, 14U);
  for (std::size_t number = 0; number < good().messages; ++number) {
    for (const Fault fault : {Fault::drop, Fault::twice, Fault::no_mac, Fault::stale, Fault::reflect}) {
      const Line::Damage damage{number, fault, 0};
      expect_same(tell({damage}), named(damage));
    }
    for (std::size_t place = 0; place < 3'000; place += 113) {
      for (const Fault fault : {Fault::flip_body, Fault::cut}) {
        const Line::Damage damage{number, fault, place};
        expect_same(tell({damage}), named(damage));
      }
    }
    for (std::size_t place = 0; place < 70; place += 11) expect_same(tell({{number, Fault::flip_mac, place}}), named({number, Fault::flip_mac, place}));
  }
}

TEST(DmFaults, two_faults_are_got_over_too) {
  std::mt19937 random(20'261'121);
  for (std::size_t round = 0; round < 400; ++round) {
    std::vector<Line::Damage> damages;
    for (int i = 0; i < 2; ++i) damages.push_back({random() % (good().messages + 4), static_cast<Fault>(1 + random() % 8), random() % 3'000});
    expect_same(tell(damages), named(damages[0]) + ", " + named(damages[1]));
  }
}

}  // namespace
}  // namespace tf::dm::test
