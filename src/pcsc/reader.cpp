#include "pcsc/reader.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tf::pcsc {
namespace {

constexpr std::chrono::milliseconds kAsked{1000};

std::string quoted(const std::string& reader) { return reader.empty() ? "the reader" : "reader \"" + reader + "\""; }

bool has_card(const ReaderState& state) { return (state.now & kStatePresent) != 0 && (state.now & kStateMute) == 0; }

Error no_reader(const std::string& name) {
  return {Code::unavailable, "pcsc.no_reader", name.empty() ? "no card reader is connected" : quoted(name) + " is not connected"};
}

Error no_card(const std::string& name) { return {Code::unavailable, "pcsc.no_card", "there is no card in " + quoted(name)}; }

}  // namespace

Error to_error(Rc rc, const std::string& reader) {
  switch (rc) {
    case Rc::no_service:
    case Rc::service_stopped: return {Code::unavailable, "pcsc.no_service", "the smart card service (pcscd) is not running; start it and try again"};
    case Rc::no_readers: return no_reader("");
    case Rc::unknown_reader:
    case Rc::reader_unavailable: return no_reader(reader);
    case Rc::no_smartcard: return no_card(reader);
    case Rc::comm_error:
    case Rc::not_transacted:
    case Rc::removed_card: return {Code::unavailable, "pcsc.removed", "the card was taken out of " + quoted(reader)};
    case Rc::reset_card: return {Code::unavailable, "pcsc.reset", "another program reset the card in " + quoted(reader) + "; begin again"};
    case Rc::unresponsive_card:
    case Rc::unpowered_card:
    case Rc::protocol_mismatch:
      return {Code::unavailable, "pcsc.unresponsive", "the card in " + quoted(reader) + " does not answer; put it in again, chip first"};
    case Rc::sharing_violation: return {Code::conflict, "pcsc.in_use", "another program has the card in " + quoted(reader) + " for itself; close it and try again"};
    case Rc::security_violation: return {Code::denied, "pcsc.denied", "this user may not use card readers (polkit: org.debian.pcsc-lite.access_pcsc)"};
    default: return {Code::unavailable, "pcsc.failed", fmt::format("{} failed (PC/SC {:08X})", quoted(reader), static_cast<std::uint32_t>(rc))};
  }
}

Result<std::vector<Reader>> list_readers(Library& library) {
  std::vector<std::string> names;
  if (const Rc rc = library.list_readers(names); rc == Rc::no_readers) return std::vector<Reader>{};
  else if (rc != Rc::ok) return to_error(rc, "");
  std::vector<ReaderState> states;
  for (const std::string& name : names) states.push_back({.name = name});
  // One that was pulled since the list was made makes the whole question fail: then each is asked alone.
  if (library.wait_for_change(states, std::chrono::milliseconds(0)) != Rc::ok) {
    std::vector<ReaderState> kept;
    for (const std::string& name : names) {
      std::vector<ReaderState> one{{.name = name}};
      const Rc rc = library.wait_for_change(one, std::chrono::milliseconds(0));
      if (rc == Rc::no_service || rc == Rc::service_stopped) return to_error(rc, name);
      if (rc == Rc::ok) kept.push_back(std::move(one.front()));
    }
    states = std::move(kept);
  }
  std::vector<Reader> out;
  for (ReaderState& state : states)
    out.push_back({.name = state.name, .card = has_card(state), .in_use = (state.now & kStateExclusive) != 0, .atr = std::move(state.atr)});
  return out;
}

Result<Reader> find_card(Library& library, const std::string& name) {
  std::vector<Reader> all = TF_TRY(list_readers(library));
  if (!name.empty()) {
    const auto found = std::ranges::find(all, name, &Reader::name);
    if (found == all.end()) return no_reader(name);
    if (!found->card) return no_card(name);
    return std::move(*found);
  }
  if (all.empty()) return no_reader("");
  const auto found = std::ranges::find(all, true, &Reader::card);
  if (found == all.end()) return no_card(all.size() == 1 ? all.front().name : "");
  return std::move(*found);
}

namespace {

// What the readers are now, to be told of a change. ready: the card has come since it was looked for.
Status look(Library& library, const std::string& name, std::vector<ReaderState>& states, bool& ready) {
  states.assign(1, {.name = kPlugAndPlay});
  std::vector<std::string> names;
  if (const Rc rc = library.list_readers(names); rc != Rc::ok && rc != Rc::no_readers) return to_error(rc, name);
  for (const std::string& each : names) {
    std::vector<ReaderState> one{{.name = each}};
    if (library.wait_for_change(one, std::chrono::milliseconds(0)) != Rc::ok) continue;
    ready = ready || (has_card(one.front()) && (name.empty() || name == each));
    states.push_back({.name = each, .known = one.front().now & ~kStateChanged});
  }
  return {};
}

}  // namespace

Result<Reader> wait_for_card(Library& library, const Clock& clock, const std::string& name, std::chrono::milliseconds at_most,
                             const std::function<bool()>& stop) {
  const std::int64_t until = clock.monotonic_ms() + at_most.count();
  for (;;) {
    auto found = find_card(library, name);
    const bool may_come = !found && (found.error().reason == std::string_view("pcsc.no_reader") || found.error().reason == std::string_view("pcsc.no_card"));
    const std::int64_t rest = until - clock.monotonic_ms();
    if (!may_come || rest <= 0 || (stop && stop())) return found;
    std::vector<ReaderState> states;
    bool ready = false;
    TF_CHECK(look(library, name, states, ready));
    if (ready) continue;
    const Rc rc = library.wait_for_change(states, std::min(std::chrono::milliseconds(rest), kAsked));
    if (rc != Rc::ok && rc != Rc::timeout && rc != Rc::unknown_reader && rc != Rc::reader_unavailable && rc != Rc::no_readers) return to_error(rc, name);
  }
}

}  // namespace tf::pcsc
