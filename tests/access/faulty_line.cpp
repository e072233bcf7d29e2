#include "tests/access/faulty_line.hpp"

#include <fmt/format.h>

namespace tf::platform::test {
namespace {

const Error kLost{Code::unavailable, "test.lost", "the message was lost"};
const std::string kPrefix(access::kPathPrefix);

Fault altering(std::string name, std::function<std::string(const std::string&)> alter, Fault::Outcome outcome = Fault::Outcome::either) {
  return {.name = std::move(name), .kind = Fault::Kind::alter, .outcome = outcome, .alter = std::move(alter)};
}

// Where the values of a body begin and end: what stands in quotes, member names aside, and numbers.
std::vector<std::pair<std::size_t, std::size_t>> values_of(const std::string& body) {
  std::vector<std::pair<std::size_t, std::size_t>> out;
  for (std::size_t colon = body.find("\":"); colon != std::string::npos; colon = body.find("\":", colon + 1)) {
    const bool text = body[colon + 2] == '"';
    const std::size_t from = colon + (text ? 3 : 2);
    const std::size_t to = text ? body.find('"', from) : body.find_first_of(",}", from);
    if (to != std::string::npos && to > from) out.emplace_back(from, to);
  }
  return out;
}

std::string with_spaces_inside(std::string body) {
  auto values = values_of(body);
  std::ranges::reverse(values);
  for (const auto& [from, to] : values)
    if (body[from - 1] == '"') body.insert((from + to) / 2, 1, ' ');
  return body;
}

char another(char c) { return c == 'A' ? 'B' : c == '1' ? '2' : c >= '0' && c <= '9' ? '1' : 'A'; }

}  // namespace

std::vector<Fault> transport_faults(access::Suite suite, int message) {
  using Kind = Fault::Kind;
  using Outcome = Fault::Outcome;
  const bool request = message % 2 == 0;
  // modern begins again by itself, with another challenge; classic says so.
  const Outcome repeated = suite == access::Suite::classic && request ? Outcome::ends : Outcome::finishes;
  std::vector<Fault> out{{"dropped", Kind::drop, Outcome::ends}, {"duplicated", Kind::duplicate, repeated}};
  if (request) {
    out.push_back({"after all earlier ones again", Kind::earlier, Outcome::finishes});
    for (const char* route : {"challenge", "initialise", "authenticate", "nothing", "service-key"})
      out.push_back({fmt::format("sent to route {}", route), Kind::reroute, Outcome::either, {}, route});
  }
  for (const std::size_t part : {0U, 1U, 2U, 3U})  // nothing, a quarter, half, three quarters
    out.push_back(altering(fmt::format("cut to {}/4", part), [part](const std::string& body) { return body.substr(0, body.size() * part / 4); }, Outcome::ends));
  out.push_back(altering("without its last byte", [](const std::string& body) { return body.substr(0, body.size() - 1); }, Outcome::ends));
  out.push_back(altering("with a byte more", [](const std::string& body) { return body + "}"; }, Outcome::ends));
  out.push_back(altering("of 64 KiB", [](const std::string& body) { return body + std::string(65536, ' '); }, Outcome::ends));
  out.push_back(altering("with an unknown member", [](const std::string& body) { return "{\"more\":1," + body.substr(1); }, Outcome::ends));
  out.push_back(altering("twice in one", [](const std::string& body) { return body + body; }, Outcome::ends));
  // Around values nothing is signed; inside them nothing is overlooked.
  out.push_back(altering("with white space around it", [](const std::string& body) { return " " + body + "\n"; }, Outcome::finishes));
  out.push_back(altering("with white space inside its values", with_spaces_inside));
  return out;
}

std::vector<Fault> corruptions(const std::string& sample, std::size_t positions) {
  std::vector<Fault> out;
  for (std::size_t i = 0; i < positions; ++i) {
    const std::size_t at = i * sample.size() / positions;
    const unsigned bit = static_cast<unsigned>(i % 7);
    out.push_back(altering(fmt::format("bit {} of byte {} flipped", bit, at), [at, bit](std::string body) {
      char& byte = body[at % body.size()];
      byte = static_cast<char>(static_cast<unsigned char>(byte) ^ (1U << bit));
      return body;
    }));
  }
  for (std::size_t i = 0; i < values_of(sample).size(); ++i) {
    for (const int third : {0, 1, 2}) {
      out.push_back(altering(fmt::format("value {} changed in place {}", i, third), [i, third](std::string body) {
        const auto [from, to] = values_of(body).at(i);
        char& changed = body[third == 0 ? from : third == 1 ? (from + to) / 2 : to - 1];
        changed = another(changed);
        return body;
      }));
    }
  }
  return out;
}

std::vector<Fault> splices(int message, const std::vector<std::pair<std::string, Recording>>& others) {
  std::vector<Fault> out;
  for (const auto& [whose, recording] : others) {
    for (std::size_t other = 0; other < recording.size(); ++other) {
      if (static_cast<int>(other) % 2 != message % 2) continue;
      out.push_back(altering(fmt::format("replaced by message {} of {}", other, whose), [body = recording[other].body](const std::string&) { return body; }));
    }
  }
  return out;
}

terminal::AccessClient Phone::client(const Clock& clock, Random& random, terminal::AccessExchange exchange) {
  return {std::move(exchange), {.clock = clock, .random = random,
                                .save = [this](const terminal::AccessDevice&) { return ++saves, Status(); },
                                .route = [this](const terminal::Route& route) { return profile = route.private_apn, Status(); }}};
}

Result<net::HttpResponse> Line::deliver(const std::string& target, const std::string& body) {
  auto answer = exchange_(target, body);
  if (answer && answer->status == 200 && target == kPrefix + "initialise") ++bound_;
  return answer;
}

Result<net::HttpResponse> FaultyLine::faulty_request(const std::string& target, const std::string& body) {
  switch (fault_.kind) {
    case Fault::Kind::drop: return kLost;
    case Fault::Kind::duplicate: (void)deliver(target, body); return deliver(target, body);
    case Fault::Kind::earlier:
      for (const Heard& earlier : requests_) (void)deliver(earlier.route, earlier.body);
      return deliver(target, body);
    case Fault::Kind::reroute: return deliver(kPrefix + fault_.route, body);
    case Fault::Kind::alter: return deliver(target, fault_.alter(body));
  }
  return kLost;
}

Result<net::HttpResponse> FaultyLine::post(const std::string& target, const std::string& body) {
  auto answer = at_++ == message_ ? faulty_request(target, body) : deliver(target, body);
  requests_.push_back({target, body});
  if (at_++ != message_ || !answer) return answer;
  if (fault_.kind == Fault::Kind::drop) return kLost;
  if (fault_.alter) answer->body = fault_.alter(answer->body);
  return answer;
}

}  // namespace tf::platform::test
