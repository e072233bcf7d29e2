#include "simulate/ewallet/simulator.hpp"

#include <fmt/format.h>

#include "base/log.hpp"
#include "simulate/ewallet/bill.hpp"
#include "simulate/ewallet/relay.hpp"

namespace tf::simulate::ewallet {
namespace {

using std::chrono::milliseconds;
constexpr std::chrono::minutes kNever{10};  // longer than anybody waits
constexpr std::chrono::seconds kSettling{1};  // between looks at whether the daily files are still right

}  // namespace

struct Simulator::Parts {
  Parts(SimulatorOptions from, Keys own, std::unique_ptr<Ledger> books, const Clock& clock)
      : options(std::move(from)), keys(std::move(own)), ledger(std::move(books)),
        world{*ledger, keys, clock, options.apps, options.merchants}, faults(options.faults),
        notifier(world, faults, options.notifier) {}

  Reply reply_to(const wire::HttpRequest& request, const Mishap& mishap);
  bool serve(const wire::HttpRequest& request, net::Answer& answer);
  void give(net::Answer answer, wire::HttpResponse response, milliseconds delay);
  Status start();
  void settle();

  const SimulatorOptions options;
  const Keys keys;
  std::unique_ptr<Ledger> ledger;
  World world;
  Faults faults;
  Notifier notifier;
  frontends::ThreadTimer timer;
  metrics::Registry metrics;
  net::HttpServer server;
  Relay relay;
  bool relayed = false;
  std::uint64_t settled = 0;  // of the timer's thread, and of stop() after it
};

Reply Simulator::Parts::reply_to(const wire::HttpRequest& request, const Mishap& mishap) {
  if (request.method == "GET" && request.path.starts_with("/bills/")) return answer_bill(world, request);
  if (request.method != "POST") return {{405, "text/plain", "", {}}};
  if (request.path == "/gateway.do") return answer_ewallet(world, request, mishap);
  if (request.path.starts_with("/gateway/api/")) return answer_acp(world, request, mishap);
  if (request.path == "/phone/order") return answer_phone_order(world, request);
  if (request.path == "/phone/pay") return answer_phone(world, request, mishap);
  return {{404, "text/plain", "", {}}};
}

void Simulator::Parts::give(net::Answer answer, wire::HttpResponse response, milliseconds delay) {
  if (delay.count() == 0) return answer(std::move(response));
  timer.after(delay, [answer = std::move(answer), response = std::move(response)](bool) mutable { answer(std::move(response)); });
}

// On an I/O thread: signing takes half a millisecond, everything that waits is on the timer.
bool Simulator::Parts::serve(const wire::HttpRequest& request, net::Answer& answer) {
  const bool gateway = request.path.starts_with("/gateway");
  const Mishap mishap = gateway || request.path == "/phone/pay" ? faults.next() : Mishap{};
  const wire::HttpResponse trouble{503, "text/plain", "", {}};
  const milliseconds delay(options.faults.delay_ms);
  if (gateway && mishap.trouble_before) return give(std::move(answer), trouble, delay), true;
  Reply reply = reply_to(request, mishap);
  if (reply.told) notifier.tell(*reply.told);
  if (gateway && mishap.trouble_after) reply.response = trouble;
  if (gateway && mishap.cut) {
    relay.cut(request.peer_address);
    return give(std::move(answer), std::move(reply.response), milliseconds(50)), true;  // into a line that is gone
  }
  const milliseconds late = mishap.late ? milliseconds(options.faults.late_ms) : delay;
  give(std::move(answer), std::move(reply.response), gateway && mishap.drop ? milliseconds(kNever) : late);
  return true;
}

Status Simulator::Parts::start() {
  net::ServerOptions server_options;
  server_options.name = "simulated_gateways";
  server_options.max_in_flight = 8192;  // dropped answers stay until their line ends
  relayed = options.faults.cut > 0;
  if (!relayed) {
    server_options.address = options.address;
    server_options.port = options.port;
  }
  net::Service service;
  service.handler = [](const wire::HttpRequest&) { return wire::HttpResponse{404, "text/plain", "", {}}; };
  service.pool = std::make_shared<net::WorkerPool>(1, 16);
  service.prompt = [this](const wire::HttpRequest& request, net::Answer& answer) { return serve(request, answer); };
  TF_CHECK(server.start(server_options, TF_TRY(keys.tls_config()), std::move(service), metrics));
  if (relayed) TF_CHECK(relay.start(options.address, options.port, server.port()));
  return {};
}

// The daily files follow the books within a second, and to the last when it stops.
void Simulator::Parts::settle() {
  if (options.settlement.empty()) return;
  const std::uint64_t revision = ledger->revision();
  if (revision != settled) {
    const Status written = write_bills(*ledger, options.settlement);
    if (!written) log::error("simulate: " + describe(written.error()));
    if (written) settled = revision;
  }
  timer.after(kSettling, [this](bool stopping) {
    if (!stopping) settle();
  });
}

Simulator::Simulator(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Simulator::~Simulator() { stop(); }

Result<std::unique_ptr<Simulator>> Simulator::start(SimulatorOptions options, Keys keys, const Clock& clock) {
  auto ledger = TF_TRY(Ledger::open(options.journal, options.balance));
  std::unique_ptr<Simulator> out(new Simulator(std::make_unique<Parts>(std::move(options), std::move(keys), std::move(ledger), clock)));
  TF_CHECK(out->parts_->start());
  out->parts_->world.base_url = out->base_url();
  out->parts_->notifier.tell_all();
  out->parts_->timer.after(milliseconds(0), [parts = out->parts_.get()](bool stopping) {
    if (!stopping) parts->settle();
  });
  return out;
}

std::uint16_t Simulator::port() const { return parts_->relayed ? parts_->relay.port() : parts_->server.port(); }
std::string Simulator::base_url() const { return fmt::format("https://{}:{}", parts_->options.host, port()); }
const Ledger& Simulator::ledger() const { return *parts_->ledger; }

void Simulator::stop() {
  parts_->timer.stop();  // answers that were held back are given
  parts_->relay.stop();
  parts_->server.stop(std::chrono::seconds(1));
  parts_->notifier.stop();
  if (!parts_->options.settlement.empty()) static_cast<void>(write_bills(*parts_->ledger, parts_->options.settlement));
}

}  // namespace tf::simulate::ewallet
