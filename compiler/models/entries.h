// SPDX-License-Identifier: Apache-2.0
// The catalogue's entries, one function per file in the kind's folder. catalogue.cpp puts them into its tables.
#pragma once

#include "compiler/models/catalogue.h"

namespace mlgenn::models {

// neurons/
NeuronModel adaptive_leaky_integrate_fire();
NeuronModel binary_spike_input();
NeuronModel few_spike_relu();
NeuronModel few_spike_relu_input();
NeuronModel integrate_fire();
NeuronModel integrate_fire_input();
NeuronModel leaky_integrate();
NeuronModel leaky_integrate_fire();
NeuronModel leaky_integrate_fire_input();
NeuronModel poisson_input();
NeuronModel spike_input();

// synapses/
SynapseModel alpha();
SynapseModel delta();
SynapseModel exponential();

// connectivity/
ConnectivityModel avg_pool2d();
ConnectivityModel avg_pool_conv2d();
ConnectivityModel avg_pool_dense2d();
ConnectivityModel conv1d();
ConnectivityModel conv2d();
ConnectivityModel conv2d_transpose();
ConnectivityModel dense();
ConnectivityModel fixed_probability();
ConnectivityModel one_to_one();
ConnectivityModel sparse();

// readouts/
ReadoutModel avg_var();
ReadoutModel avg_var_exp_weight();
ReadoutModel first_spike_time();
ReadoutModel max_var();
ReadoutModel spike_count();
ReadoutModel sum_var();
ReadoutModel var();

// initialisers/
InitialiserModel constant();
InitialiserModel normal();
InitialiserModel uniform();

// metrics/
MetricModel confusion_matrix();
MetricModel mean_absolute_error();
MetricModel mean_square_error();
MetricModel sparse_categorical_accuracy();
MetricModel top_k_accuracy();

}  // namespace mlgenn::models
