// terminal wallet register, activate, login, pay, query, refund, card, show: a phone for hand use.
#include <fmt/format.h>

#include "apps/trustferry/access/phone_gateway.hpp"
#include "apps/trustferry/line/commands.hpp"
#include "apps/trustferry/line/report.hpp"
#include "apps/trustferry/line/secret_argument.hpp"
#include "apps/trustferry/line/storage.hpp"
#include "apps/trustferry/line/system_ports.hpp"
#include "base/file.hpp"
#include "payment/money.hpp"
#include "terminal/wallet.hpp"
#include "wire/json.hpp"

namespace tf::cli {
namespace {

struct WalletArgs {
  StorageArgs storage{.directory = "run/phone", .passphrase_file = {}};
  std::string number, imei, iccid, name, id_number, password_file, root, code;
  std::string url = "https://127.0.0.1:8447";
  std::string platform = "trustferry";
  std::string suite = "modern", key_maker = "phone";
  std::string order, payee, amount, currency = "CNY", instrument, content, pin, pan, refund, wallet, expiry, token;
  std::string direct;
  GatewayArgs gateway;
  std::int64_t minutes = 10;
  bool critical = false;
};

Result<terminal::WalletFiles> open_files(const WalletArgs& args) {
  TF_CHECK(need(args.number, "--number"));
  return terminal::WalletFiles(args.storage.directory, TF_TRY(storage_key(args.storage, system_random)), system_random);
}

// DIRECTORY/phone.json stands for what the phone reads from itself and its SIM. Options say otherwise: another phone, another SIM.
Result<wallet::Subscriber> subscriber_of(const WalletArgs& args) {
  wallet::Subscriber out{.number = TF_TRY(wallet::parse_number(args.number)), .imei = args.imei, .iccid = args.iccid};
  const std::string path = args.storage.directory + "/phone.json";
  if (const auto text = read_file(path, 4096)) {
    auto json = TF_TRY(wire::JsonObject::parse(as_text(*text)));
    const std::string imei = TF_TRY(json.text("imei")), iccid = TF_TRY(json.text("iccid"));
    if (out.imei.empty()) out.imei = imei;
    if (out.iccid.empty()) out.iccid = iccid;
  } else {
    TF_CHECK(need(args.imei, "--imei"));
    TF_CHECK(need(args.iccid, "--iccid"));
    TF_TRY(wallet::parse_imei(out.imei));  // a mistyped one is not kept
    TF_TRY(wallet::parse_iccid(out.iccid));
    const std::string made = wire::JsonWriter().begin_object().member("imei", out.imei).member("iccid", out.iccid).end_object().take();
    TF_CHECK(write_file_atomic(path, as_bytes(made), 0600));
  }
  TF_TRY(wallet::parse_imei(out.imei));
  TF_TRY(wallet::parse_iccid(out.iccid));
  return out;
}

Result<SecretBytes> password_of(const WalletArgs& args, bool confirm = false) { return read_passphrase({args.password_file, "", "Wallet password", confirm}); }

Result<terminal::WalletPhone> phone_of(const WalletArgs& args) {
  TF_CHECK(need(args.root, "--root"));
  const Bytes pem = TF_TRY(read_file(args.root, 64 * 1024));
  pki::Certificate root = TF_TRY(pki::Certificate::from_pem(as_text(pem)));
  net::ClientOptions options;
  options.server = TF_TRY(net::parse_base_url(args.url));
  options.response_timeout = std::chrono::seconds(100);  // a front end may take long
  options.anchors.push_back(TF_TRY(net::certificate_from_der(root.der())));
  return terminal::WalletPhone(terminal::wallet_over(TF_TRY(net::HttpClient::create(std::move(options)))),
                               {.clock = system_clock, .random = system_random, .root = std::move(root), .platform = args.platform});
}

void print_result(const wallet::ResultClaim& claim, Context& context) {
  if (context.json) {
    print_line(wire::JsonWriter().begin_object().member("order", claim.order).member("refund", claim.refund).member("outcome", name_of(claim.outcome))
                   .member("transaction", claim.transaction).member("amount", claim.amount).member("refunded", claim.refunded).member("tn", claim.tn).end_object().text());
    return;
  }
  Facts facts;
  facts.add("order", claim.order).add("outcome", std::string(name_of(claim.outcome))).add("transaction", claim.transaction.empty() ? "none" : claim.transaction);
  if (!claim.refund.empty()) facts.add("refund", claim.refund);
  if (!claim.tn.empty()) facts.add("at the gateway", claim.tn);
  facts.add("amount", std::to_string(claim.amount)).add("given back", std::to_string(claim.refunded)).print();
}

Status run_register(const WalletArgs& args, Context& context) {
  const auto files = TF_TRY(open_files(args));
  const auto subscriber = TF_TRY(subscriber_of(args));
  TF_CHECK(need(args.name, "--name"));
  TF_CHECK(need(args.id_number, "--id-number"));
  auto phone = TF_TRY(phone_of(args));
  const wallet::RegisterOptions options{.suite = TF_TRY(wallet::parse_suite(args.suite)), .key_maker = TF_TRY(wallet::parse_key_maker(args.key_maker))};
  const auto registering = TF_TRY(phone.register_(subscriber, {args.name, args.id_number}, TF_TRY(password_of(args, true)), options));
  TF_CHECK(files.save(subscriber.number, registering));
  if (context.json) {
    print_line(wire::JsonWriter().begin_object().member("registration", registering.registered.registration).member("number", subscriber.number).end_object().text());
  } else {
    Facts().add("registration", registering.registered.registration).add("next", "the code of the SMS: terminal wallet activate --code CODE").print();
  }
  return {};
}

Status run_activate(const WalletArgs& args, Context& context) {
  const auto files = TF_TRY(open_files(args));
  TF_CHECK(need(args.code, "--code"));
  const auto registering = TF_TRY(files.load_registering(args.number));
  auto phone = TF_TRY(phone_of(args));
  const Bytes file = TF_TRY(phone.activate(registering, SecretBytes(as_bytes(args.code)), TF_TRY(password_of(args))));
  TF_CHECK(files.save_file(args.number, file));
  if (context.json) {
    print_line(wire::JsonWriter().begin_object().member("number", args.number).member("active", true).end_object().text());
  } else {
    Facts().add("number", args.number).add("wallet", "active").print();
  }
  return {};
}

Status run_login(const WalletArgs& args, Context& context) {
  const auto files = TF_TRY(open_files(args));
  const auto subscriber = TF_TRY(subscriber_of(args));
  auto phone = TF_TRY(phone_of(args));
  const SecretBytes password = TF_TRY(password_of(args));
  const auto user = TF_TRY(phone.open(TF_TRY(files.load_file(args.number)), subscriber, password));
  const auto session = TF_TRY(phone.login(TF_TRY(wallet::parse_suite(args.suite)), subscriber, user, password));
  TF_CHECK(files.save(session, system_clock.now_ms() + session.expires_in_s * 1000));
  if (context.json) {
    print_line(wire::JsonWriter().begin_object().member("number", args.number).member("expires_in_s", session.expires_in_s).end_object().text());
  } else {
    Facts().add("number", args.number).add("logged in for", fmt::format("{} s", session.expires_in_s)).print();
  }
  return {};
}

// What every act of a logged-in phone needs: the session, the private key (S41–S43), the line.
struct LoggedIn {
  terminal::WalletPhone phone;
  wallet::PhoneSession session;
  wallet::UserKey user;
};
Result<LoggedIn> logged_in(const WalletArgs& args) {
  const auto files = TF_TRY(open_files(args));
  auto session = TF_TRY(files.load_session(args.number, system_clock.now_ms()));
  auto phone = TF_TRY(phone_of(args));
  auto user = TF_TRY(phone.open(TF_TRY(files.load_file(args.number)), TF_TRY(subscriber_of(args)), TF_TRY(password_of(args))));
  return LoggedIn{std::move(phone), std::move(session), std::move(user)};
}

Status run_pay(const WalletArgs& args, Context& context) {
  TF_CHECK(need(args.order, "--order"));
  TF_CHECK(need(args.payee, "--payee"));
  TF_CHECK(need(args.amount, "--amount"));
  if (args.direct.empty()) TF_CHECK(need(args.instrument, "--instrument or --direct"));
  if (!args.direct.empty() && !(args.instrument + args.pin + args.pan).empty()) return Error{Code::invalid, "cli.direct", "--direct goes without --instrument, --pin and --pan: the card is chosen at the gateway"};
  const payment::Money amount = TF_TRY(payment::parse_money(args.amount, args.currency));
  wallet::Purchase purchase{.terms = {args.order, args.payee, amount.minor, amount.currency, args.instrument, args.direct}, .content = args.content,
                            .expires_ms = system_clock.now_ms() + args.minutes * 60'000, .critical = args.critical, .pin = {}, .pan = {}};
  if (!args.pin.empty()) purchase.pin = SecretBytes(as_bytes(TF_TRY(text_argument(args.pin, "--pin"))));
  if (!args.pan.empty()) purchase.pan = SecretBytes(as_bytes(TF_TRY(text_argument(args.pan, "--pan"))));
  auto it = TF_TRY(logged_in(args));
  const auto claim = TF_TRY(it.phone.pay(it.session, it.user, purchase));
  print_result(TF_TRY(go_to_gateway(args.gateway, it.phone, it.session, it.user, claim, amount)), context);
  return {};
}

// Also takes up a direct order whose phone was interrupted; then --amount says again what was agreed to.
Status run_query(const WalletArgs& args, Context& context) {
  TF_CHECK(need(args.order, "--order"));
  if (!args.gateway.url.empty()) TF_CHECK(need(args.amount, "--amount"));
  const payment::Money amount = args.gateway.url.empty() ? payment::Money{} : TF_TRY(payment::parse_money(args.amount, args.currency));
  auto it = TF_TRY(logged_in(args));
  const auto claim = TF_TRY(it.phone.query(it.session, it.user, args.order));
  print_result(TF_TRY(go_to_gateway(args.gateway, it.phone, it.session, it.user, claim, amount)), context);
  return {};
}

Status run_refund(const WalletArgs& args, Context& context) {
  TF_CHECK(need(args.order, "--order"));
  TF_CHECK(need(args.refund, "--refund"));
  TF_CHECK(need(args.amount, "--amount"));
  const payment::Money amount = TF_TRY(payment::parse_money(args.amount, args.currency));
  auto it = TF_TRY(logged_in(args));
  print_result(TF_TRY(it.phone.refund(it.session, it.user, args.order, args.refund, amount.minor)), context);
  return {};
}

void print_instruments(const std::vector<wallet::InstrumentView>& instruments, Context& context) {
  wire::JsonWriter writer;
  writer.begin_array();
  TextTable table({"TOKEN", "KIND", "NUMBER"});
  for (const auto& each : instruments) {
    writer.begin_object().member("token", each.token).member("wallet", each.wallet).member("masked", each.masked).end_object();
    table.add({each.token, each.wallet.empty() ? "card" : each.wallet, each.masked});
  }
  if (context.json) return print_line(writer.end_array().text());
  table.print();
}

Status run_card_add(const WalletArgs& args, Context& context) {
  TF_CHECK(need(args.pan, "--pan"));
  wallet::InstrumentOrder order{.act = wallet::InstrumentAct::enrol, .wallet = args.wallet, .number = SecretBytes(as_bytes(TF_TRY(text_argument(args.pan, "--pan")))),
                                .expiry = args.expiry, .token = {}};
  auto it = TF_TRY(logged_in(args));
  print_instruments(TF_TRY(it.phone.instruments(it.session, it.user, order)), context);
  return {};
}

Status run_card_list(const WalletArgs& args, Context& context) {
  auto it = TF_TRY(logged_in(args));
  print_instruments(TF_TRY(it.phone.instruments(it.session, it.user, {.act = wallet::InstrumentAct::list, .wallet = {}, .number = {}, .expiry = {}, .token = {}})), context);
  return {};
}

Status run_card_close(const WalletArgs& args, Context& context) {
  TF_CHECK(need(args.token, "--token"));
  auto it = TF_TRY(logged_in(args));
  print_instruments(TF_TRY(it.phone.instruments(it.session, it.user, {.act = wallet::InstrumentAct::close, .wallet = {}, .number = {}, .expiry = {}, .token = args.token})), context);
  return {};
}

void add_phone_options(CLI::App& app, WalletArgs& args) {
  add_storage_options(app, args.storage);
  app.add_option("--number", args.number, "the phone's number, E.164 without +");
  app.add_option("--imei", args.imei, "the phone; kept in DIRECTORY/phone.json the first time");
  app.add_option("--iccid", args.iccid, "its SIM card; as --imei");
  app.add_option("--url", args.url, "the platform's wallet listener")->capture_default_str();
  app.add_option("--root", args.root, "root certificate (PEM) that the phone trusts");
  app.add_option("--platform", args.platform, "the platform's name")->capture_default_str();
  app.add_option("--password-file", args.password_file, "the user's password (- for standard input); otherwise asked for");
}

}  // namespace

void add_terminal_wallet(CommandLine& line, CLI::App& terminal) {
  static WalletArgs args;
  CLI::App& group = line.group(terminal, "wallet", "A phone that pays with a certificate bound to it.");
  const auto command = [&](CLI::App& parent, const char* name, const char* about, const char* example, Status (*run)(const WalletArgs&, Context&)) -> CLI::App& {
    CLI::App& app = line.command(parent, name, about, example, [run](Context& context) { return run(args, context); });
    add_phone_options(app, args);
    return app;
  };
  CLI::App& enrol = command(group, "register", "Registers the phone; the confirmation code comes by SMS.",
                            "trustferry terminal wallet register --number 8613800000001 --imei 490154203237518 --iccid 89860012345678901234 --name 'Anna' --id-number A1234567 --root root.crt",
                            run_register);
  enrol.add_option("--name", args.name, "the user's name");
  enrol.add_option("--id-number", args.id_number, "number of the user's identity card");
  enrol.add_option("--key", args.key_maker, "phone: makes the key pair itself; platform: the platform makes it, where its policy allows")->capture_default_str();
  CLI::App& activate = command(group, "activate", "Shows both codes, gets the certificate, makes the certificate file.",
                               "trustferry terminal wallet activate --number 8613800000001 --code 123456 --root root.crt", run_activate);
  activate.add_option("--code", args.code, "the confirmation code of the SMS");
  CLI::App& login = command(group, "login", "Opens the certificate file with this phone, this SIM and the password; begins a session.",
                            "trustferry terminal wallet login --number 8613800000001 --root root.crt", run_login);
  for (CLI::App* app : {&enrol, &login}) app->add_option("--suite", args.suite, "modern, or classic: the source's own flow, where the platform takes it")->capture_default_str();
  CLI::App& pay = command(group, "pay", "Pays an order with a card or account of the user.",
                          "trustferry terminal wallet pay --number 8613800000001 --order 2026-0001 --payee SHOP01 --amount 12.50 --instrument TOKEN --pin @pin --pan @pan --root root.crt",
                          run_pay);
  pay.add_option("--payee", args.payee, "the merchant");
  pay.add_option("--instrument", args.instrument, "token of the card or account");
  pay.add_option("--content", args.content, "what is bought");
  pay.add_option("--pin", args.pin, "the card's payment PIN, or @FILE");
  pay.add_option("--pan", args.pan, "the card's number the PIN belongs to, or @FILE");
  pay.add_option("--minutes", args.minutes, "the order is void after so long")->capture_default_str();
  pay.add_option("--direct", args.direct, "instead of an instrument: the front end at whose network's gateway the phone pays itself");
  pay.add_flag("--critical", args.critical, "seal content and PIN block once more");
  CLI::App& query = command(group, "query", "Asks what became of an order.", "trustferry terminal wallet query --number 8613800000001 --order 2026-0001 --root root.crt", run_query);
  CLI::App& refund = command(group, "refund", "Gives a part or all of an order back.",
                             "trustferry terminal wallet refund --number 8613800000001 --order 2026-0001 --refund R1 --amount 2.50 --root root.crt", run_refund);
  refund.add_option("--refund", args.refund, "the refund's own number");
  for (CLI::App* app : {&pay, &query, &refund}) app->add_option("--order", args.order, "the order's number");
  for (CLI::App* app : {&pay, &query}) add_gateway_options(*app, args.gateway);
  for (CLI::App* app : {&pay, &query, &refund}) {
    app->add_option("--amount", args.amount, "12.50");
    app->add_option("--currency", args.currency, "ISO 4217")->capture_default_str();
  }
  CLI::App& cards = line.group(group, "card", "The user's cards and accounts.");
  CLI::App& add = command(cards, "add", "Enrols a card, or an account of an e-wallet.", "trustferry terminal wallet card add --number 8613800000001 --pan @pan --expiry 2912 --root root.crt",
                          run_card_add);
  add.add_option("--pan", args.pan, "number of the card or account, or @FILE");
  add.add_option("--expiry", args.expiry, "of a card: YYMM");
  add.add_option("--wallet", args.wallet, "kind of e-wallet, for an account: alipay");
  command(cards, "list", "Shows them masked.", "trustferry terminal wallet card list --number 8613800000001 --root root.crt", run_card_list);
  CLI::App& close = command(cards, "close", "Takes one away.", "trustferry terminal wallet card close --number 8613800000001 --token TOKEN --root root.crt", run_card_close);
  close.add_option("--token", args.token, "which");
}

}  // namespace tf::cli
