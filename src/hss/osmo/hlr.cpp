#include "hss/osmo/hlr.hpp"

#include <algorithm>
#include <numeric>
#include <set>

#include "hss/osmo/control.hpp"
#include "hss/osmo/gsup.hpp"

namespace tf::hss {
namespace {

using osmo::Command;

constexpr std::string_view kExists = "Subscriber already exists.";
constexpr std::string_view kNone = "Subscriber doesn't exist.";
constexpr std::string_view kNotFound = "No such subscriber.";

SecretBytes joined(std::initializer_list<ByteView> parts) {
  std::size_t size = 0;
  for (const ByteView part : parts) size += part.size();
  SecretBytes out(size);
  auto at = out.reveal_mutable().begin();
  for (const ByteView part : parts) at = std::ranges::copy(part, at).out;
  return out;
}

SecretBytes hex_of(ByteView key) {
  static constexpr char kDigits[] = "0123456789abcdef";
  SecretBytes out(2 * key.size());
  for (std::size_t i = 0; i < key.size(); ++i) {
    out.reveal_mutable()[2 * i] = static_cast<std::uint8_t>(kDigits[key[i] >> 4]);
    out.reveal_mutable()[2 * i + 1] = static_cast<std::uint8_t>(kDigits[key[i] & 15]);
  }
  return out;
}

// As the HLR takes it, and (upper: its names in capital letters) as it shows it.
SecretBytes aud3g(const crypto::AkaKey& key, bool upper) {
  const SecretBytes k = hex_of(key.k());
  const SecretBytes opc = hex_of(key.opc());
  return joined({as_bytes(upper ? "MILENAGE," : "milenage,"), k.reveal(), as_bytes(upper ? ",OPC," : ",opc,"), opc.reveal(), as_bytes(",5")});
}

Command create_command(const Imsi& imsi) { return {"SET", joined({as_bytes("subscriber.create "), as_bytes(imsi.text())})}; }
Command remove_command(const Imsi& imsi) { return {"SET", joined({as_bytes("subscriber.delete "), as_bytes(imsi.text())})}; }
Command of_subscriber(const char* verb, const Imsi& imsi, std::string_view variable, ByteView value = {}) {
  return {verb, joined({as_bytes("subscriber.by-imsi-"), as_bytes(imsi.text()), as_bytes(variable), value})};
}

bool says(const Error& error, std::string_view words) { return std::string_view(error.reason) == "hss.control_error" && error.detail == words; }

class OsmoHlr final : public Subscribers {
 public:
  explicit OsmoHlr(const OsmoOptions& options)
      : control_({options.host, options.control_port, osmo::kExtensionControl, "", std::chrono::milliseconds(options.patience_ms)}),
        gsup_({options.host, options.gsup_port, osmo::kExtensionGsup, options.name, std::chrono::milliseconds(options.patience_ms)}) {}
  Status start() {
    TF_CHECK(control_.start());
    return gsup_.start();
  }

  std::vector<Status> create(std::span<const Subscription> subscriptions) override;
  Status remove(const Imsi& imsi) override;
  std::vector<Vectors> vectors(std::span<const VectorRequest> requests) override;
  Status resync(const Imsi& imsi, const crypto::Rand& rand, const crypto::Auts& auts) override;

 private:
  using Places = std::vector<std::size_t>;
  void create_once(std::span<const Subscription> subscriptions, const Places& all, std::vector<Status>& out);
  // The commands of these places, and their answers.
  template <class Make>
  std::vector<Result<SecretBytes>> call(const Places& places, Make make) {
    std::vector<Command> commands;
    for (const std::size_t place : places) commands.push_back(make(place));
    return control_.call(commands);
  }

  std::mutex creating_;
  osmo::ControlClient control_;
  osmo::GsupClient gsup_;
};

std::vector<Status> OsmoHlr::create(std::span<const Subscription> subscriptions) {
  const std::scoped_lock lock(creating_);
  std::vector<Status> out(subscriptions.size());
  Places left(subscriptions.size());
  std::iota(left.begin(), left.end(), 0U);
  std::erase_if(left, [&](std::size_t i) {
    const bool known = subscriptions[i].key.algorithm() == crypto::AkaAlgorithm::milenage;
    if (!known) out[i] = Error{Code::invalid, "hss.algorithm", "osmo-hlr is given keys of Milenage alone"};
    return !known;
  });
  // An IMSI that stands twice is looked at again once its first is there.
  while (!left.empty()) {
    std::set<Imsi> seen;
    Places now, later;
    for (const std::size_t i : left) (seen.insert(subscriptions[i].imsi).second ? now : later).push_back(i);
    create_once(subscriptions, now, out);
    left = std::move(later);
  }
  return out;
}

// Three rounds: create all; look at the keys of those that were there; give a key to those that were not. Who was there without a key, be it that
// a crash came between the rounds, is not touched: he might be somebody else's customer.
void OsmoHlr::create_once(std::span<const Subscription> subscriptions, const Places& all, std::vector<Status>& out) {
  Places there, ours;
  const auto created = call(all, [&](std::size_t i) { return create_command(subscriptions[i].imsi); });
  for (std::size_t n = 0; n < all.size(); ++n) {
    if (created[n]) ours.push_back(all[n]);
    else if (says(created[n].error(), kExists)) there.push_back(all[n]);
    else out[all[n]] = created[n].error();
  }
  const auto shown = call(there, [&](std::size_t i) { return of_subscriber("GET", subscriptions[i].imsi, ".aud3g"); });
  for (std::size_t n = 0; n < there.size(); ++n) {
    const std::size_t i = there[n];
    if (!shown[n]) out[i] = shown[n].error();
    else if (as_text(shown[n]->reveal()) == "none") out[i] = not_ours(subscriptions[i].imsi);
    else if (!(*shown[n] == aud3g(subscriptions[i].key, true))) out[i] = other_key(subscriptions[i].imsi);
  }
  const auto keyed = call(ours, [&](std::size_t i) {
    return of_subscriber("SET", subscriptions[i].imsi, ".aud3g ", aud3g(subscriptions[i].key, false).reveal());
  });
  for (std::size_t n = 0; n < ours.size(); ++n)
    if (!keyed[n]) out[ours[n]] = keyed[n].error();
}

Status OsmoHlr::remove(const Imsi& imsi) {
  const Command commands[] = {remove_command(imsi)};
  const auto answers = control_.call(commands);
  if (answers[0]) return {};
  return says(answers[0].error(), kNone) || says(answers[0].error(), kNotFound) ? Status(no_such_subscriber(imsi)) : Status(answers[0].error());
}

std::vector<Vectors> OsmoHlr::vectors(std::span<const VectorRequest> requests) {
  // An answer has up to five vectors; who wants more asks several times at once.
  std::vector<osmo::GsupClient::Request> asks;
  std::vector<std::size_t> whose;
  std::vector<Vectors> out;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const Status fit = check_count(requests[i]);
    out.push_back(fit ? Vectors(std::vector<crypto::AkaVector>()) : Vectors(fit.error()));
    for (std::size_t have = 0; fit && have < requests[i].count; have += osmo::kMaxTuples) {
      asks.push_back({requests[i].imsi});
      whose.push_back(i);
    }
  }
  auto answers = gsup_.ask(asks);
  for (std::size_t n = 0; n < answers.size(); ++n) {
    Vectors& into = out[whose[n]];
    if (!into) continue;
    if (!answers[n]) {
      into = answers[n].error().code == Code::not_found ? no_such_subscriber(asks[n].imsi) : answers[n].error();
      continue;
    }
    for (crypto::AkaVector& vector : *answers[n])
      if (into->size() < requests[whose[n]].count) into->push_back(std::move(vector));
  }
  for (std::size_t i = 0; i < out.size(); ++i)
    if (out[i] && out[i]->size() < requests[i].count) out[i] = Error{Code::unavailable, "hss.hlr_refused", "the HLR gave too few vectors"};
  return out;
}

Status OsmoHlr::resync(const Imsi& imsi, const crypto::Rand& rand, const crypto::Auts& auts) {
  const osmo::GsupClient::Request request{imsi, osmo::Resynchronisation{rand, auts}};
  const auto answers = gsup_.ask(std::span(&request, 1));
  if (answers[0]) return {};  // the vectors that came with it are skipped
  if (answers[0].error().code != Code::not_found) return answers[0].error();
  // The HLR tells an AUTS that does not open and a subscriber that does not exist alike.
  const Command commands[] = {of_subscriber("GET", imsi, ".info")};
  const auto known = control_.call(commands);
  if (known[0]) return Error{Code::refused, "hss.auts", "AUTS is not of the subscription's USIM for this RAND"};
  return says(known[0].error(), kNotFound) ? Status(no_such_subscriber(imsi)) : Status(known[0].error());
}

}  // namespace

Result<std::unique_ptr<Subscribers>> open_osmo_hlr(const OsmoOptions& options) {
  const bool named = !options.name.empty() && options.name.size() <= 64 && std::ranges::all_of(options.name, [](char c) { return c > ' ' && c <= '~'; });
  if (options.host.empty() || options.control_port == 0 || options.gsup_port == 0 || options.patience_ms < 1 || !named)
    return Error{Code::invalid, "hss.osmo", "an HLR has a host, two ports, a patience, and a name of 1 to 64 printable characters for us"};
  auto out = std::make_unique<OsmoHlr>(options);
  TF_CHECK(out->start());
  return std::unique_ptr<Subscribers>(std::move(out));
}

}  // namespace tf::hss
