// terminal cardsign enrol, pay, update, messages, unblock, show: a terminal with a smart card, for hand use.
#include <fmt/format.h>

#include <cstdio>
#include <iostream>

#include "apps/trustferry/cardsign/own_card_reader.hpp"
#include "apps/trustferry/line/commands.hpp"
#include "apps/trustferry/line/passphrase.hpp"
#include "apps/trustferry/line/report.hpp"
#include "apps/trustferry/line/system_ports.hpp"
#include "base/file.hpp"
#include "net/client/client.hpp"
#include "payment/money.hpp"
#include "terminal/cardsign/card_messages.hpp"
#include "terminal/cardsign/cardsign.hpp"
#include "terminal/cardsign/own_card.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::cli {
namespace {

struct CardsignArgs {
  CardArgs card;
  std::string url = "https://127.0.0.1:8449", root, manufacturers, platform = "trustferry";
  std::string code, payment, instrument, suite = "modern", pin, puk, new_pin;
  int container = 0;
};

// @FILE, or the person at the keyboard; never a word of the command line, which others see.
Result<SecretBytes> secret_of(const std::string& argument, const char* option, const std::string& prompt, bool confirm = false) {
  if (!argument.empty() && !argument.starts_with('@') && argument != "-")
    return Error{Code::invalid, "cli.secret", std::string(option) + " takes @FILE, or - for standard input"};
  return read_passphrase({argument.starts_with('@') ? argument.substr(1) : argument, "", prompt, confirm});
}

Result<pki::Certificate> root_of(const CardsignArgs& args) {
  TF_CHECK(need(args.root, "--root"));
  return pki::Certificate::from_pem(as_text(TF_TRY(read_file(args.root, 64 * 1024))));
}

Result<terminal::CardsignTrust> trust_of(const CardsignArgs& args) {
  terminal::CardsignTrust out(args.platform, TF_TRY(root_of(args)), {});
  if (!args.manufacturers.empty()) out.manufacturers = TF_TRY(pki::certificates_from_pem(as_text(TF_TRY(read_file(args.manufacturers, 256 * 1024)))));
  return out;
}

// Standard error, so that --json leaves standard output to the result.
void show(const terminal::Shown& shown) {
  const auto& payment = shown.payment;
  const std::string amount = payment::format_money({.minor = static_cast<std::int64_t>(payment.amount), .currency = payment.currency});
  fmt::print(stderr, "Payment\n  to       {}\n  amount   {} {}\n  order    {}\n  for      {}\n  by card  {} ({})\n", payment.payee, amount, payment.currency, payment.order,
             payment.subject, shown.claim.serial, shown.claim.user);
  if (shown.claim.suite == cardsign::Suite::classic) fmt::print(stderr, "  note     the card signs a hash and does not see the payment itself\n");
  if (shown.tries) fmt::print(stderr, "The PIN was wrong. Tries left: {}\n", *shown.tries);
}

Result<SecretBytes> ask_pin(const CardsignArgs& args, const terminal::Shown& shown) {
  show(shown);
  // The same file a second time would cost another try.
  if (shown.tries && !args.pin.empty()) return Error{Code::refused, "cardsign.wrong_pin", fmt::format("the PIN is wrong; tries left: {}", *shown.tries)};
  return secret_of(args.pin, "--pin", "PIN");
}

struct AtWork {
  OpenedCard card;
  terminal::CardsignTrust trust;
  terminal::CardsignExchange exchange;
};
Result<AtWork> at_work(const CardsignArgs& args) {
  auto trust = TF_TRY(trust_of(args));
  net::ClientOptions options;
  options.server = TF_TRY(net::parse_base_url(args.url));
  options.response_timeout = std::chrono::seconds(100);  // a front end may take long
  options.anchors.push_back(TF_TRY(net::certificate_from_der(trust.root.der())));
  auto exchange = terminal::cardsign_over(TF_TRY(net::HttpClient::create(std::move(options))));
  auto card = TF_TRY(open_card(args.card, system_clock, system_random));
  return AtWork{std::move(card), std::move(trust), std::move(exchange)};
}

terminal::CardsignTerminal terminal_of(AtWork& work, const CardsignArgs& args) {
  return terminal::CardsignTerminal(work.exchange, work.card.reach,
                                    {.clock = system_clock, .trust = work.trust, .ask_pin = [&args](const terminal::Shown& shown) { return ask_pin(args, shown); }});
}

Status run_enrol(const CardsignArgs& args, Context& context) {
  TF_CHECK(need(args.code, "--code"));
  const std::string code = TF_TRY(cardsign::parse_code(args.code));
  auto work = TF_TRY(at_work(args));
  const auto enrolled = TF_TRY(terminal_of(work, args).enrol(code));
  wire::JsonWriter writer;
  writer.begin_object().member("serial", enrolled.serial).key("certificates").begin_array();
  TextTable table({"SLOT", "USER", "EXPIRES"});
  for (const auto& one : enrolled.certificates) {
    const auto certificate = TF_TRY(pki::Certificate::from_der(one.certificate));
    table.add({std::string(name_of(one.slot)), certificate.common_name(), moment(certificate.not_after_ms())});
    writer.begin_object().member("slot", name_of(one.slot)).member("serial", certificate.serial_hex()).member("not_after", certificate.not_after_ms()).end_object();
  }
  if (context.json) return print_line(writer.end_array().end_object().text()), Status{};
  Facts().add("card", enrolled.serial).add("enrolled", fmt::format("{} certificates", enrolled.certificates.size())).print();
  table.print();
  return {};
}

Status run_pay(const CardsignArgs& args, Context& context) {
  TF_CHECK(need(args.payment, "--payment"));
  TF_CHECK(need(args.manufacturers, "--manufacturers"));
  cardsign::PayRequest request{.payment = TF_TRY(cardsign::parse_id(args.payment)), .suite = TF_TRY(cardsign::parse_suite(args.suite)),
                               .container = static_cast<std::uint8_t>(args.container)};
  if (!args.instrument.empty()) request.instrument = TF_TRY(cardsign::parse_instrument(args.instrument));
  auto work = TF_TRY(at_work(args));
  const auto claim = TF_TRY(terminal_of(work, args).pay(request));
  const std::string amount = payment::format_money({.minor = claim.amount, .currency = claim.currency});
  if (context.json) {
    print_line(wire::JsonWriter().begin_object().member("result", name_of(claim.outcome)).member("transaction", claim.transaction).member("amount", claim.amount)
                   .member("currency", claim.currency).member("serial", claim.serial).member("user", claim.user).end_object().text());
  } else {
    Facts().add("result", std::string(name_of(claim.outcome))).add("amount", amount + " " + claim.currency).add("transaction", claim.transaction).print();
  }
  return {};
}

Status run_update(const CardsignArgs& args, Context& context) {
  auto work = TF_TRY(at_work(args));
  const std::string serial = TF_TRY(terminal::read_card_serial(work.card.reach));
  const auto updated = TF_TRY(terminal_of(work, args).update(serial));
  if (context.json) {
    print_line(wire::JsonWriter().begin_object().member("serial", serial).member("updated", updated.count).end_object().text());
  } else {
    Facts().add("card", serial).add("updated", std::to_string(updated.count)).print();
  }
  return {};
}

// A line of a modem (AT+CNMI, PDU mode): its +CMT header says nothing that the message does not.
Status take_line(const std::string& line, terminal::CardMessages& messages, terminal::CardsignTerminal& terminal, const std::string& serial, Context& context) {
  if (line.empty() || line.starts_with("+CMT")) return {};
  const Bytes pdu = TF_TRY(wire::from_hex(line));
  const auto handed = TF_TRY(messages.take(pdu));
  std::int64_t updated = 0;
  if (!handed.proof.empty()) updated = TF_TRY(terminal.prove(serial, handed.proof)).count;
  if (context.json) {
    print_line(wire::JsonWriter().begin_object().member("for_card", handed.for_card).member("proof", wire::hex_upper(handed.proof)).member("report", wire::hex_upper(handed.report))
                   .member("updated", updated).end_object().text());
  } else {
    print_line(!handed.for_card ? "not for the card" : handed.proof.empty() ? "handed over" : updated > 0 ? "handed over; a certificate is new" : "handed over; the card did nothing");
  }
  return {};
}

// What is wrong with one message does not hold up the next.
Status run_messages(const CardsignArgs& args, Context& context) {
  auto work = TF_TRY(at_work(args));
  const std::string serial = TF_TRY(terminal::read_card_serial(work.card.reach));
  auto terminal = terminal_of(work, args);
  terminal::CardMessages messages(work.card.reach);
  Status worst;
  for (std::string line; std::getline(std::cin, line);) {
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
    const Status taken = take_line(line, messages, terminal, serial, context);
    if (taken) continue;
    fmt::print(stderr, "{}\n", describe(taken.error()));
    worst = taken;
    if (terminal::is_gone(taken.error())) break;
  }
  return worst;
}

Status run_unblock(const CardsignArgs& args, Context& context) {
  TF_CHECK(need(args.manufacturers, "--manufacturers"));
  const auto trust = TF_TRY(trust_of(args));
  auto card = TF_TRY(open_card(args.card, system_clock, system_random));
  terminal::UnblockOrder order{.container = static_cast<std::uint8_t>(args.container), .puk = TF_TRY(secret_of(args.puk, "--puk", "PUK")), .pin = {}};
  order.pin = TF_TRY(secret_of(args.new_pin, "--new-pin", "New PIN", true));
  TF_CHECK(terminal::unblock_card(card.reach, order, trust, system_clock.now_ms()));
  if (context.json) {
    print_line(wire::JsonWriter().begin_object().member("unblocked", true).end_object().text());
  } else {
    Facts().add("PIN", "unblocked, and new").print();
  }
  return {};
}

Status run_show(const CardsignArgs& args, Context& context) {
  auto card = TF_TRY(open_card(args.card, system_clock, system_random));
  const auto facts = TF_TRY(terminal::read_card(card.reach, static_cast<std::uint8_t>(args.container)));
  wire::JsonWriter writer;
  writer.begin_object().member("reader", card.reach.name).member("serial", facts.serial).member("container", std::int64_t{facts.container});
  writer.member("pin_tries", std::int64_t{facts.tries.pin}).member("puk_tries", std::int64_t{facts.tries.puk});
  writer.member("payments", static_cast<std::int64_t>(facts.counter)).member("signs_hashes", facts.signs_hashes).key("containers").begin_array();
  for (const std::uint8_t each : facts.containers) writer.value(std::int64_t{each});
  writer.end_array().key("slots").begin_array();
  TextTable table({"SLOT", "SUBJECT", "EXPIRES"});
  for (const auto& slot : facts.slots) {
    table.add({std::string(name_of(slot.slot)), slot.certificate.subject_text(), moment(slot.certificate.not_after_ms())});
    writer.begin_object().member("slot", name_of(slot.slot)).member("subject", slot.certificate.subject_text()).member("serial", slot.certificate.serial_hex());
    writer.member("not_after", slot.certificate.not_after_ms()).end_object();
  }
  if (context.json) return print_line(writer.end_array().end_object().text()), Status{};
  Facts().add("reader", card.reach.name).add("card", facts.serial).add("payments signed", std::to_string(facts.counter))
      .add("PIN tries left", std::to_string(facts.tries.pin)).add("PUK tries left", std::to_string(facts.tries.puk))
      .add("signs hashes", facts.signs_hashes ? "yes, by policy" : "no").print();
  table.print();
  return {};
}

}  // namespace

void add_terminal_cardsign(CommandLine& line, CLI::App& terminal) {
  static CardsignArgs args;
  CLI::App& group = line.group(terminal, "cardsign", "A terminal with a smart card that signs payments.");
  const auto command = [&](const char* name, const char* about, const char* example, Status (*run)(const CardsignArgs&, Context&)) -> CLI::App& {
    CLI::App& app = line.command(group, name, about, example, [run](Context& context) { return run(args, context); });
    add_card_options(app, args.card);
    return app;
  };
  CLI::App& enrol = command("enrol", "Applies for the card's certificates by an enrolment code.",
                            "trustferry terminal cardsign enrol --code CODE --root root.crt --url https://127.0.0.1:8449", run_enrol);
  enrol.add_option("--code", args.code, "the enrolment code, 26 characters");
  CLI::App& pay = command("pay", "Shows a payment, asks for the PIN and has the card sign it.",
                          "trustferry terminal cardsign pay --payment ID --root root.crt --manufacturers manufacturers.crt", run_pay);
  pay.add_option("--payment", args.payment, "the payment's id, at the end of its page's address");
  pay.add_option("--instrument", args.instrument, "token of the card or account to pay with");
  pay.add_option("--suite", args.suite, "modern, or classic where the platform allows it")->capture_default_str();
  pay.add_option("--pin", args.pin, "@FILE with the PIN; otherwise it is asked for");
  CLI::App& update = command("update", "Takes what waits for the card over the air.", "trustferry terminal cardsign update --root root.crt", run_update);
  CLI::App& messages = command("messages", "Hands short messages for the card over to it, and brings its proofs back: a modem's lines on standard input (+CMT, PDU mode).",
                               "trustferry terminal cardsign messages --root root.crt < messages", run_messages);
  CLI::App& unblock = command("unblock", "Sets a new PIN by the PUK.", "trustferry terminal cardsign unblock --root root.crt --manufacturers manufacturers.crt", run_unblock);
  unblock.add_option("--puk", args.puk, "@FILE with the PUK; otherwise it is asked for");
  unblock.add_option("--new-pin", args.new_pin, "@FILE with the new PIN; otherwise it is asked for");
  CLI::App& show = command("show", "What is public of the card in the reader.", "trustferry terminal cardsign show", run_show);
  for (CLI::App* app : {&enrol, &pay, &update, &messages}) app->add_option("--url", args.url, "the platform's cardsign listener")->capture_default_str();
  for (CLI::App* app : {&enrol, &pay, &update, &messages, &unblock}) {
    app->add_option("--root", args.root, "the platform's root certificate (PEM)");
    app->add_option("--platform", args.platform, "the platform's name")->capture_default_str();
  }
  for (CLI::App* app : {&pay, &unblock}) app->add_option("--manufacturers", args.manufacturers, "root certificates of the cards' manufacturers (PEM)");
  for (CLI::App* app : {&pay, &unblock, &show})
    app->add_option("--container", args.container, "whose keys on the card: 0 the owner's, or a user's")->check(CLI::Range(0, 255))->capture_default_str();
  add_terminal_cardsign_attach(line, group);
}

}  // namespace tf::cli
