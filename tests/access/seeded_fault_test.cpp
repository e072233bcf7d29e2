// Many faults in one story: each message may be lost, doubled, repeated later, cut or changed, each answer forged, over
// several attempts, the end of KeyTime and a revocation. The seed is in the name of the failure; the same seed gives the
// same weather.
#include "tests/access/faulty_line.hpp"

namespace tf::platform::test {
namespace {

using access::Suite;

class Weather final : public Line {
 public:
  Weather(terminal::AccessExchange exchange, unsigned seed) : Line(std::move(exchange)), dice_("story " + std::to_string(seed)) {}

  Result<net::HttpResponse> post(const std::string& target, const std::string& body) override {
    sent_.push_back({target, body});
    if (happens(16)) return lost_;
    if (happens(8)) (void)deliver(target, body);
    if (happens(8)) {
      const Heard& earlier = sent_[throw_dice(static_cast<unsigned>(sent_.size()))];
      (void)deliver(earlier.route, earlier.body);
    }
    auto answer = deliver(target, changed(body));
    if (!answer || happens(16)) return lost_;
    if (happens(16)) return forged();
    answer->body = changed(answer->body);
    return answer;
  }
  unsigned throw_dice(unsigned sides) { return dice_.array<1>()[0] % sides; }
  bool happens(unsigned once_in) { return throw_dice(once_in) == 0; }

 private:
  net::HttpResponse forged() {
    static constexpr const char* kReasons[] = {"initialise", "challenge", "time", "number", "waiting", "enrolment", "refused"};
    const std::string reason = kReasons[throw_dice(7)];
    return {.status = 403, .content_type = "application/problem+json", .body = R"({"code":"refused","reason":")" + reason + "\"}", .headers = {}};
  }
  std::string changed(std::string body) {
    const auto place = dice_.array<2>();
    const std::size_t at = (place[0] * 256U + place[1]) % body.size();
    switch (throw_dice(24)) {
      case 0: body[at] = body[at] == 'A' ? 'B' : 'A'; break;
      case 1: body.resize(at); break;
      default: break;
    }
    return body;
  }

  tf::test::DeterministicRandom dice_;
  Recording sent_;
  const Error lost_{Code::unavailable, "test.lost", "the message was lost"};
};

class AccessStories : public testing::TestWithParam<Suite>, protected StoryWorld {};
INSTANTIATE_TEST_SUITE_P(Suites, AccessStories, testing::Values(Suite::classic, Suite::modern), suite_name);

TEST_P(AccessStories, never_break_a_promise_and_a_healed_line_brings_a_ticket) {
  int tickets = 0;
  for (unsigned seed = 0; seed < 50; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    forget();
    Phone one = phone("D1", kNumber, GetParam());
    Weather weather(line(kNumber), seed);
    for (int attempt = 0; attempt < 5; ++attempt) {
      const auto ticket = tell(one, weather);
      expect_sound(one, weather);
      if (ticket) expect_agreement(one, *ticket);
      tickets += ticket ? 1 : 0;
      if (weather.happens(4)) scene.clock.set(scene.clock.now_ms() + 3'600'000);  // KeyTime is over
    }
    if (seed % 3 == 0 && !active_key().empty()) must(revoke_binding(context, "operator:a", active_key()));
    expect_recovery(one);
    EXPECT_TRUE(must(list_alarms(context, 10)).empty());
    if (HasFailure()) return;
  }
  EXPECT_GT(tickets, 50) << "the weather lets too little through to tell anything";
  EXPECT_LT(tickets, 240) << "there is no weather";
}

}  // namespace
}  // namespace tf::platform::test
