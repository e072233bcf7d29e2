#include "hss/osmo/ipa_line.hpp"

#include <algorithm>

namespace tf::hss::osmo {
namespace {

enum Ccm : std::uint8_t { ping = 0x00, pong = 0x01, id_get = 0x04, id_resp = 0x05 };
enum Tag : std::uint8_t { serial = 0, name = 1, location_1 = 2, location_2 = 3, equipment = 4, software = 5, address = 7, unit = 8 };

void put(Bytes& out, Tag tag, std::string_view text) {
  const std::size_t size = text.size() + 2;  // with the tag and a NUL
  out.insert(out.end(), {static_cast<std::uint8_t>(size >> 8), static_cast<std::uint8_t>(size), tag});
  append(out, as_bytes(text));
  out.push_back(0);
}

Error hlr_down(const Error& why) { return {Code::unavailable, "hss.hlr_down", describe(why)}; }

net::LinkOptions link_of(const IpaOptions& options) {
  net::LinkOptions out;
  out.host = options.host;
  out.port = options.port;
  out.framing = ipa_framing();
  out.connect_timeout = options.patience;
  out.first_pause = std::chrono::milliseconds(50);
  out.longest_pause = std::chrono::milliseconds(2000);
  return out;
}

}  // namespace

net::Framing ipa_framing() {
  return {.coding = net::Framing::Coding::binary, .length_size = 2, .inclusive = false, .min_size = 2, .max_size = 8192, .uncounted = 1};
}

Bytes ccm_identity(const std::string& own) {
  Bytes out{id_resp};
  put(out, unit, "0/0/0");
  put(out, address, "00:00:00:00:00:00");
  for (const Tag empty : {location_1, location_2, equipment}) put(out, empty, "");
  put(out, software, "trustferry");
  put(out, name, own);
  put(out, serial, own);
  return out;
}

IpaLine::IpaLine(IpaOptions options, Events events)
    : options_(std::move(options)),
      events_(std::move(events)),
      link_(link_of(options_), {.up =
                                    [this] {
                                      if (options_.name.empty()) set_ready(true);
                                    },
                                .frame = [this](ByteView frame) { received(frame); },
                                .down =
                                    [this](const Error& why) {
                                      {
                                        const std::scoped_lock lock(mutex_);
                                        why_ = hlr_down(why);
                                      }
                                      set_ready(false);
                                      events_.down(hlr_down(why));
                                    }}) {}

void IpaLine::set_ready(bool ready) {
  {
    const std::scoped_lock lock(mutex_);
    ready_ = ready;
  }
  changed_.notify_all();
}

Status IpaLine::wait_ready() {
  std::unique_lock lock(mutex_);
  if (changed_.wait_for(lock, options_.patience, [this] { return ready_; })) return {};
  return why_;
}

Status IpaLine::send_under(std::uint8_t protocol, ByteView body) {
  SecretBytes frame(1 + body.size());
  frame.reveal_mutable()[0] = protocol;
  std::ranges::copy(body, frame.reveal_mutable().begin() + 1);
  const Status sent = link_.send(frame.reveal());
  return sent ? Status() : Status(hlr_down(sent.error()));
}

Status IpaLine::send(ByteView body) {
  SecretBytes extended(1 + body.size());
  extended.reveal_mutable()[0] = options_.extension;
  std::ranges::copy(body, extended.reveal_mutable().begin() + 1);
  return send_under(kOsmo, extended.reveal());
}

void IpaLine::received(ByteView frame) {
  const std::uint8_t protocol = frame[0];
  const ByteView body = frame.subspan(1);
  if (protocol == kCcm) return on_ccm(body);
  if (protocol == kOsmo && body[0] == options_.extension) events_.frame(body.subspan(1));
}

void IpaLine::on_ccm(ByteView body) {
  if (body[0] == ping) static_cast<void>(send_under(kCcm, ByteArray<1>{pong}).has_value());
  if (body[0] != id_get || options_.name.empty()) return;
  if (send_under(kCcm, ccm_identity(options_.name))) set_ready(true);
}

}  // namespace tf::hss::osmo
