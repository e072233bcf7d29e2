#include "tests/wallet/line.hpp"

#include <fmt/format.h>

namespace tf::wallet::test {
namespace {

const Error kLost{Code::unavailable, "test.lost", "the message was lost"};

Fault altering(std::string name, std::function<std::string(const std::string&)> alter, Fault::Outcome outcome = Fault::Outcome::either) {
  return {.name = std::move(name), .kind = Fault::Kind::alter, .outcome = outcome, .alter = std::move(alter)};
}

struct Value {
  std::string name;
  std::size_t from = 0;
  std::size_t to = 0;
};

// Where the values of a body begin and end: what stands in quotes, member names aside, and numbers.
std::vector<Value> values_of(const std::string& body) {
  std::vector<Value> out;
  for (std::size_t colon = body.find("\":"); colon != std::string::npos; colon = body.find("\":", colon + 1)) {
    const std::size_t name = body.rfind('"', colon - 1) + 1;
    const bool text = body[colon + 2] == '"';
    const std::size_t from = colon + (text ? 3 : 2);
    const std::size_t to = text ? body.find('"', from) : body.find_first_of(",}", from);
    if (to != std::string::npos && to > from) out.push_back({body.substr(name, colon - name), from, to});
  }
  return out;
}

char another(char c) { return c == 'A' ? 'B' : c == '1' ? '2' : c >= '0' && c <= '9' ? '1' : 'A'; }

}  // namespace

std::string_view name_of(Story story) {
  switch (story) {
    case Story::modern: return "modern";
    case Story::modern_key_of_platform: return "modern_key_of_platform";
    case Story::classic: break;
  }
  return "classic";
}

std::vector<Fault> transport_faults(bool request) {
  using Kind = Fault::Kind;
  using Outcome = Fault::Outcome;
  std::vector<Fault> out{{"dropped", Kind::drop, Outcome::ends}, {"duplicated", Kind::duplicate, Outcome::finishes}};
  if (request) {
    out.push_back({"after all earlier ones again", Kind::earlier, Outcome::finishes});
    for (const char* route : {"challenge", "register", "activate", "registration", "login", "pay", "query", "refund", "instruments", "nothing"})
      out.push_back({fmt::format("sent to route {}", route), Kind::reroute, Outcome::either, {}, route});
  }
  for (const std::size_t part : {1U, 2U, 3U})
    out.push_back(altering(fmt::format("cut to {}/4", part), [part](const std::string& body) { return body.substr(0, body.size() * part / 4); }));
  out.push_back(altering("without its last byte", [](const std::string& body) { return body.empty() ? body : body.substr(0, body.size() - 1); }));
  out.push_back(altering("with a byte more", [](const std::string& body) { return body + "}"; }));
  out.push_back(altering("with an unknown member", [](const std::string& body) { return body.empty() ? body : "{\"more\":1," + body.substr(1); }));
  out.push_back(altering("twice in one", [](const std::string& body) { return body + body; }));
  out.push_back(altering("with white space around it", [](const std::string& body) { return " " + body + "\n"; }));
  return out;
}

std::vector<Fault> corruptions(const std::string& sample, std::size_t positions) {
  std::vector<Fault> out;
  for (std::size_t i = 0; i < positions && !sample.empty(); ++i) {
    const std::size_t at = i * sample.size() / positions;
    const unsigned bit = static_cast<unsigned>(i % 7);
    out.push_back(altering(fmt::format("bit {} of byte {} flipped", bit, at), [at, bit](std::string body) {
      if (at < body.size()) body[at] = static_cast<char>(body[at] ^ static_cast<char>(1U << bit));
      return body;
    }));
  }
  const auto values = values_of(sample);
  for (std::size_t i = 0; i < values.size(); ++i)
    for (const bool last : {false, true})
      out.push_back(altering(fmt::format("{} with another {} character", values[i].name, last ? "last" : "first"), [i, last](std::string body) {
        const auto here = values_of(body);
        if (i < here.size()) {
          char& c = body[last ? here[i].to - 1 : here[i].from];
          c = another(c);
        }
        return body;
      }));
  return out;
}

std::vector<Fault> splices(const Heard& here, std::size_t place, const std::vector<std::pair<std::string, Recording>>& others) {
  std::vector<Fault> out;
  for (const auto& [whose, recording] : others) {
    if (place >= recording.size() || recording[place].route != here.route) continue;
    const std::string theirs = recording[place].body;
    out.push_back(altering("that of " + whose, [theirs](const std::string&) { return theirs; }));
    for (const Value& value : values_of(theirs)) {
      const std::string text = theirs.substr(value.from, value.to - value.from);
      out.push_back(altering(fmt::format("with {} of {}", value.name, whose), [name = value.name, text](std::string body) {
        for (const Value& mine : values_of(body))
          if (mine.name == name) return body.replace(mine.from, mine.to - mine.from, text);
        return body;
      }));
    }
  }
  return out;
}

Result<std::string> FaultyLine::operator()(std::string_view route, const std::string& body) {
  const int request = at_;
  at_ += 2;
  requests_.push_back({std::string(route), body});
  using Kind = Fault::Kind;
  if (request == message_) {
    switch (fault_.kind) {
      case Kind::drop: return kLost;
      case Kind::reroute: return world_.handle(fault_.route, body);
      case Kind::alter: return world_.handle(route, fault_.alter(body));
      case Kind::earlier:
        for (std::size_t i = 0; i + 1 < requests_.size(); ++i) (void)world_.handle(requests_[i].route, requests_[i].body);
        return world_.handle(route, body);
      case Kind::duplicate: {
        auto first = world_.handle(route, body);
        (void)world_.handle(route, body);
        return first;
      }
    }
  }
  auto answer = world_.handle(route, body);
  if (request + 1 != message_ || !answer) return answer;
  if (fault_.kind == Kind::drop) return kLost;
  if (fault_.kind == Kind::alter) return fault_.alter(*answer);
  return answer;
}

}  // namespace tf::wallet::test
