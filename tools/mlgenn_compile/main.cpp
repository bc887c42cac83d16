// SPDX-License-Identifier: Apache-2.0
// mlgenn-compile: the command-line shell over the library. Turns errors into text and exit statuses.
#include <iostream>
#include <new>

#include "mlgenn/errors.h"
#include "tools/mlgenn_compile/command_line.h"
#include "tools/mlgenn_compile/interruption.h"

namespace {

using namespace mlgenn;
using namespace mlgenn::cli;

enum ExitStatus : int { success = 0, wrong_description = 1, backend_or_device = 2, own_fault = 3 };

struct Runner {
    void operator()(const ShowText& show) const { std::cout << show.text; }
    void operator()(const CheckCommand& command) const { run_check(command); }
    void operator()(const CompileCommand& command) const { run_compile(command); }
    void operator()(const PredictCommand& command) const { run_predict(command); }
    void operator()(const EvaluateCommand& command) const { run_evaluate(command); }
    void operator()(const StreamCommand& command) const { run_stream(command); }
    void operator()(const ConvertCommand& command) const { run_convert(command); }
    void operator()(const ListCommand& command) const { run_list(command); }
    void operator()(const BenchCommand& command) const { run_bench(command); }
};

void run(int argc, const char* const* argv) {
    std::visit(Runner{}, parse_command_line(argc, argv));
    if (!std::cout.flush()) {
        throw DescriptionError(Diagnostic{
            "standard output", "not everything could be written", {}, "check the space on the disk it goes to"});
    }
}

void print_findings(const DescriptionError& error) {
    std::cerr << error.what() << '\n';
    if (error.diagnostics().size() > 1) {
        std::cerr << error.diagnostics().size() << " problems\n";
    }
}

void print_own_fault(const char* what) {
    std::cerr << "mlgenn-compile: internal error: " << what
              << "\n    this is a fault of mlgenn: please report it with the description that causes it\n";
}

}  // namespace

int main(int argc, char** argv) {
    try {
        watch_interruptions();
        run(argc, argv);
        return success;
    } catch (const Interrupted& interrupted) {
        end_by_signal(interrupted.signal_number());
    } catch (const UsageError& error) {
        std::cerr << "mlgenn-compile: " << error.what() << '\n';
        return wrong_description;
    } catch (const DescriptionError& error) {
        print_findings(error);
        return wrong_description;
    } catch (const BackendError& error) {
        std::cerr << "mlgenn-compile: " << error.what() << '\n';
        return backend_or_device;
    } catch (const DeviceError& error) {
        std::cerr << "mlgenn-compile: " << error.what() << '\n';
        return backend_or_device;
    } catch (const std::bad_alloc&) {
        std::cerr << "mlgenn-compile: not enough memory\n";
        return backend_or_device;
    } catch (const std::exception& error) {
        print_own_fault(error.what());
        return own_fault;
    }
}
