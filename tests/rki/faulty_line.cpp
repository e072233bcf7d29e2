#include "tests/rki/faulty_line.hpp"

#include <fmt/format.h>

namespace tf::rki::test {
namespace {

const Error kLost{Code::unavailable, "test.lost", "the message was lost"};
constexpr std::string_view kSession = "\"session\":\"";
constexpr std::size_t kSessionText = 22;  // base64url of 16 bytes

Fault altering(std::string name, std::function<std::string(const std::string&, const std::string&)> alter,
               Fault::Outcome outcome = Fault::Outcome::ends) {
  return {.name = std::move(name), .kind = Fault::Kind::alter, .outcome = outcome, .alter = std::move(alter)};
}

std::string flipped(std::string body, std::size_t at, unsigned bit) {
  at %= body.size();
  body[at] = static_cast<char>(static_cast<unsigned char>(body[at]) ^ (1U << bit));
  return body;
}

// Where the strings of a body begin and end, member names aside.
std::vector<std::pair<std::size_t, std::size_t>> values_of(const std::string& body) {
  std::vector<std::pair<std::size_t, std::size_t>> out;
  for (std::size_t open = body.find('"'); open != std::string::npos; open = body.find('"', open + 1)) {
    const std::size_t close = body.find('"', open + 1);
    if (body[close + 1] != ':' && close > open + 1) out.emplace_back(open + 1, close);
    open = close;
  }
  return out;
}

}  // namespace

std::string session_in(std::string_view body) {
  const std::size_t found = body.find(kSession);
  return found == std::string_view::npos ? "" : std::string(body.substr(found + kSession.size(), kSessionText));
}

Recording record(MemoryPlatform& platform, TerminalUnderTest terminal) {
  Recording out;
  const Exchange recording = [&](std::string_view route, const std::string& body) {
    out.push_back(body);
    auto reply = platform.handle(route, body);
    if (reply) out.push_back(*reply);
    return reply;
  };
  EXPECT_OK(terminal.download(recording, 1));
  EXPECT_EQ(out.size(), static_cast<std::size_t>(kMessages));
  return out;
}

std::vector<Fault> transport_faults(int message) {
  using Kind = Fault::Kind;
  using Outcome = Fault::Outcome;
  std::vector<Fault> out{{"dropped", Kind::drop, Outcome::finishes},
                         {"duplicated", Kind::duplicate, Outcome::finishes}};
  if (message % 2 == 0) {
    out.push_back({"after all earlier ones again", Kind::earlier, Outcome::either});
    for (const std::string_view route : kRoutes)
      if (route != kRoutes[message / 2])
        out.push_back({fmt::format("sent to route {}", route), Kind::reroute, Outcome::ends, {}, std::string(route)});
  }
  for (const std::size_t part : {0U, 1U, 2U, 3U})  // nothing, a quarter, half, three quarters
    out.push_back(altering(fmt::format("cut to {}/4", part), [part](const std::string& body, const std::string&) {
      return body.substr(0, body.size() * part / 4);
    }));
  out.push_back(altering("without its last byte",
                         [](const std::string& body, const std::string&) { return body.substr(0, body.size() - 1); }));
  out.push_back(altering("with a byte more", [](const std::string& body, const std::string&) { return body + "}"; }));
  out.push_back(altering("of 64 KiB",
                         [](const std::string& body, const std::string&) { return body + std::string(65536, ' '); }));
  out.push_back(altering("with an unknown member",
                         [](const std::string& body, const std::string&) { return "{\"more\":1," + body.substr(1); }));
  // The transcript takes bodies as they are. Behind the acknowledgement nothing follows that would tell.
  out.push_back(altering(
      "with white space", [](const std::string& body, const std::string&) { return body + " "; },
      message == 7 ? Outcome::finishes : Outcome::ends));
  return out;
}

std::vector<Fault> corruptions(const std::string& sample, std::size_t positions) {
  std::vector<Fault> out;
  for (std::size_t i = 0; i < positions; ++i) {
    const std::size_t at = i * sample.size() / positions;
    const unsigned bit = static_cast<unsigned>(i % 7);
    out.push_back(altering(fmt::format("bit {} of byte {} flipped", bit, at),
                           [at, bit](const std::string& body, const std::string&) { return flipped(body, at, bit); }));
  }
  const std::size_t values = values_of(sample).size();
  for (std::size_t i = 0; i < values; ++i) {
    for (const int third : {0, 1, 2}) {
      out.push_back(altering(fmt::format("value {} changed in place {}", i, third),
                             [i, third](std::string body, const std::string&) {
                               const auto [from, to] = values_of(body).at(i);
                               char& changed = body[third == 0 ? from : third == 1 ? (from + to) / 2 : to - 1];
                               changed = changed == 'A' ? 'B' : 'A';
                               return body;
                             }));
    }
  }
  return out;
}

std::vector<Fault> splices(int message, const std::vector<std::pair<std::string, Recording>>& others) {
  std::vector<Fault> out;
  for (const auto& [whose, recording] : others) {
    for (int other = 0; other < kMessages; ++other) {
      const std::string spliced = recording[static_cast<std::size_t>(other)];
      const bool same_place = other == message;
      if (!same_place && other % 2 != message % 2) continue;
      const std::string name = fmt::format("replaced by message {} of {}", other, whose);
      out.push_back(altering(name, [spliced](const std::string&, const std::string&) { return spliced; }));
      if (session_in(spliced).empty()) continue;
      out.push_back(altering(name + " in this session", [spliced](const std::string&, const std::string& session) {
        std::string body = spliced;
        if (!session.empty()) body.replace(body.find(kSession) + kSession.size(), kSessionText, session);
        return body;
      }));
    }
  }
  return out;
}

Result<std::string> FaultyLine::deliver(std::string_view route, const std::string& body) {
  auto reply = platform_.handle(route, body);
  token_accepted_ = token_accepted_ || (reply && route == "token");
  EXPECT_EQ(platform_.broken_promise(), "");
  if (!token_accepted_) {
    EXPECT_TRUE(platform_.actions.empty()) << "written before S317";
    EXPECT_EQ(platform_.sets_of(kDsn), 0) << "written before S317";
  }
  return reply;
}

Result<std::string> FaultyLine::faulty_request(std::string_view route, const std::string& body) {
  switch (fault_.kind) {
    case Fault::Kind::drop: return kLost;
    case Fault::Kind::duplicate: (void)deliver(route, body); return deliver(route, body);
    case Fault::Kind::earlier:
      for (const auto& [earlier, text] : requests_) (void)deliver(earlier, text);
      return deliver(route, body);
    case Fault::Kind::reroute: return deliver(fault_.route, body);
    case Fault::Kind::alter: return deliver(route, fault_.alter(body, session_));
  }
  return kLost;
}

Result<std::string> FaultyLine::faulty_reply(Result<std::string> reply) {
  if (!reply) return reply;
  if (fault_.kind == Fault::Kind::drop) return kLost;
  return fault_.alter ? fault_.alter(*reply, session_) : reply;
}

Result<std::string> FaultyLine::post(std::string_view route, const std::string& body) {
  if (session_.empty()) session_ = session_in(body);
  auto reply = at_++ == message_ ? faulty_request(route, body) : deliver(route, body);
  requests_.emplace_back(route, body);
  if (session_.empty() && reply) session_ = session_in(*reply);
  return at_++ == message_ ? faulty_reply(std::move(reply)) : reply;
}

}  // namespace tf::rki::test
